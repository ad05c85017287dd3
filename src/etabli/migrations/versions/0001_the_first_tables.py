"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

UPGRADES = {
    "sqlite": [
        "CREATE VIRTUAL TABLE catalogue_by_updated USING fts5(terms, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars './-_'\")",
        "CREATE VIRTUAL TABLE catalogue_by_created USING fts5(terms, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars './-_'\")",
        "CREATE VIRTUAL TABLE catalogue_by_downloads USING fts5(terms, content='', detail=none, columnsize=0, tokenize=\"ascii tokenchars './-_'\")",
    ],
    "postgresql": [
        "CREATE INDEX by_hand_catalogue_terms ON catalogue_entries USING gin (terms) WITH (fastupdate = off)",
        "CREATE INDEX by_hand_catalogue_by_updated ON catalogue_entries (by_updated)",
        "CREATE INDEX by_hand_catalogue_by_created ON catalogue_entries (by_created)",
        "CREATE INDEX by_hand_catalogue_by_downloads ON catalogue_entries (by_downloads)",
        "CREATE INDEX by_hand_namespaces_beginning ON namespaces (name_key text_pattern_ops)",
    ],
}
DOWNGRADES = {
    "sqlite": [
        "DROP TABLE catalogue_by_updated",
        "DROP TABLE catalogue_by_created",
        "DROP TABLE catalogue_by_downloads",
    ],
    "postgresql": [],
}


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=True),
        sa.Column("file_hash", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("condemned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
        sa.UniqueConstraint("file_hash", name=op.f("uq_blobs_file_hash")),
    )
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blobs_condemned_at"), ["condemned_at"], unique=False)

    op.create_table(
        "bound_namespaces",
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_key", name=op.f("pk_bound_namespaces")),
    )
    op.create_table(
        "bucket_files",
        sa.Column("bucket_key", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("folder", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("mtime_ms", sa.BigInteger(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket_key", "path", name=op.f("pk_bucket_files")),
    )
    with op.batch_alter_table("bucket_files", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bucket_files_bucket_key_folder_path"),
            ["bucket_key", "folder", "path"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_bucket_files_bucket_key_sha256"), ["bucket_key", "sha256"], unique=False
        )

    op.create_table(
        "bucket_folders",
        sa.Column("bucket_key", sa.String(), nullable=False),
        sa.Column("path", sa.LargeBinary(), nullable=False),
        sa.Column("stop", sa.LargeBinary(), nullable=False),
        sa.Column("parent", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("bucket_key", "path", name=op.f("pk_bucket_folders")),
    )
    with op.batch_alter_table("bucket_folders", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_bucket_folders_bucket_key_parent_path"),
            ["bucket_key", "parent", "path"],
            unique=False,
        )

    op.create_table(
        "buckets",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_name_key", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("file_count", sa.BigInteger(), nullable=False),
        sa.Column("total_bytes", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_buckets")),
        sa.UniqueConstraint("full_name_key", name=op.f("uq_buckets_full_name_key")),
    )
    with op.batch_alter_table("buckets", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_buckets_namespace_full_name_key"),
            ["namespace", "full_name_key"],
            unique=False,
        )

    op.create_table(
        "catalogue_counts",
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("type", "tag", name=op.f("pk_catalogue_counts")),
    )
    with op.batch_alter_table("catalogue_counts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_catalogue_counts_type_count"), ["type", "count"], unique=False
        )

    op.create_table(
        "catalogue_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("is_public", sa.Boolean(), nullable=False),
        sa.Column("commit_sha", sa.String(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("derived", sa.JSON(), nullable=False),
        sa.Column(
            "terms", sa.Text().with_variant(postgresql.TSVECTOR(), "postgresql"), nullable=False
        ),
        sa.Column("by_updated", sa.BigInteger(), nullable=False),
        sa.Column("by_created", sa.BigInteger(), nullable=False),
        sa.Column("by_downloads", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_entries")),
        sa.UniqueConstraint("repo_key", name=op.f("uq_catalogue_entries_repo_key")),
    )
    op.create_table(
        "catalogue_progress",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_catalogue_progress")),
    )
    op.create_table(
        "dedup_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("xorbs", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dedup_groups")),
    )
    op.create_table(
        "epochs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epochs")),
    )
    op.create_table(
        "event_cursors",
        sa.Column("consumer", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("consumer", name=op.f("pk_event_cursors")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.Column("announced_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("position", name=op.f("uq_events_position")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_events_subject"), ["subject"], unique=False)

    op.create_table(
        "holdings",
        sa.Column("holder_kind", sa.String(length=32), nullable=False),
        sa.Column("holder_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("charged_to", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("holder_kind", "holder_key", "sha256", name=op.f("pk_holdings")),
    )
    with op.batch_alter_table("holdings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_holdings_charged_to"), ["charged_to"], unique=False)
        batch_op.create_index(batch_op.f("ix_holdings_sha256"), ["sha256"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reaction", sa.String(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("running", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_jobs_lane"), ["lane"], unique=False)

    op.create_table(
        "namespaces",
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.Column("private_by_default", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name_key", name=op.f("pk_namespaces")),
    )
    op.create_table(
        "repo_aliases",
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("full_name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("type", "name_key", name=op.f("pk_repo_aliases")),
    )
    op.create_table(
        "repos",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("full_name_key", sa.String(), nullable=False),
        sa.Column("private", sa.Boolean(), nullable=False),
        sa.Column("gate", sa.String(length=32), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("downloads", sa.Integer(), nullable=False),
        sa.Column("likes", sa.Integer(), nullable=False),
        sa.Column("is_mirror", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_repos")),
        sa.UniqueConstraint("type", "full_name_key", name=op.f("uq_repos_type_full_name_key")),
    )
    with op.batch_alter_table("repos", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_repos_namespace_type_private_created_at_key"),
            ["namespace", "type", "private", "created_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_repos_namespace_type_private_downloads_key"),
            ["namespace", "type", "private", "downloads", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_repos_namespace_type_private_updated_at_key"),
            ["namespace", "type", "private", "updated_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_repos_type_private_created_at_key"),
            ["type", "private", "created_at", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_repos_type_private_downloads_key"),
            ["type", "private", "downloads", "key"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_repos_type_private_updated_at_key"),
            ["type", "private", "updated_at", "key"],
            unique=False,
        )

    op.create_table(
        "secrets",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_secrets")),
    )
    op.create_table(
        "setup_tokens",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_setup_tokens")),
    )
    op.create_table(
        "upstreams",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("allow_private", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_upstreams")),
        sa.UniqueConstraint("url", name=op.f("uq_upstreams_url")),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_users")),
    )
    op.create_table(
        "wrong_tries",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_wrong_tries")),
    )
    with op.batch_alter_table("wrong_tries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_wrong_tries_last_at"), ["last_at"], unique=False)

    op.create_table(
        "xorbs",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("chunk_count", sa.Integer(), nullable=False),
        sa.Column("raw_bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("chunks", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("condemned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lost_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_xorbs")),
    )
    with op.batch_alter_table("xorbs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_xorbs_condemned_at"), ["condemned_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_xorbs_lost_at"), ["lost_at"], unique=False)

    op.create_table(
        "access_requests",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["repo_key"],
            ["repos.key"],
            name=op.f("fk_access_requests_repo_key"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_requests")),
        sa.UniqueConstraint(
            "repo_key", "namespace", name=op.f("uq_access_requests_repo_key_namespace")
        ),
    )
    with op.batch_alter_table("access_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_access_requests_repo_key_status_asked_at_key"),
            ["repo_key", "status", "asked_at", "key"],
            unique=False,
        )

    op.create_table(
        "blob_plans",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_blob_plans_sha256"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob_plans")),
    )
    op.create_table(
        "blob_xorbs",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("xorb_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["blobs.sha256"], name=op.f("fk_blob_xorbs_sha256"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["xorb_hash"], ["xorbs.hash"], name=op.f("fk_blob_xorbs_xorb_hash")
        ),
        sa.PrimaryKeyConstraint("sha256", "xorb_hash", name=op.f("pk_blob_xorbs")),
    )
    with op.batch_alter_table("blob_xorbs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blob_xorbs_xorb_hash"), ["xorb_hash"], unique=False)

    op.create_table(
        "dedup_chunks",
        sa.Column("chunk_hash", sa.String(), nullable=False),
        sa.Column("xorb_hash", sa.String(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["dedup_groups.id"],
            name=op.f("fk_dedup_chunks_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["xorb_hash"],
            ["xorbs.hash"],
            name=op.f("fk_dedup_chunks_xorb_hash"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("chunk_hash", name=op.f("pk_dedup_chunks")),
    )
    with op.batch_alter_table("dedup_chunks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dedup_chunks_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_dedup_chunks_xorb_hash"), ["xorb_hash"], unique=False)

    op.create_table(
        "discussions",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("num", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=32), nullable=False),
        sa.Column("base", sa.String(), nullable=True),
        sa.Column("merged_onto", sa.String(), nullable=True),
        sa.Column("merge_sha", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_discussions_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", "num", name=op.f("pk_discussions")),
    )
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.create_index("ix_discussions_author", ["repo_key", "author"], unique=False)

    op.create_table(
        "embeds",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("origins", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_embeds_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", name=op.f("pk_embeds")),
    )
    op.create_table(
        "likes",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("liked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_likes_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", "user", name=op.f("pk_likes")),
    )
    with op.batch_alter_table("likes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_likes_user_liked_at"), ["user", "liked_at"], unique=False
        )

    op.create_table(
        "memberships",
        sa.Column("org", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name=op.f("fk_memberships_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("org", "user", name=op.f("pk_memberships")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_user"), ["user"], unique=False)

    op.create_table(
        "mirrors",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_mirrors_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", name=op.f("pk_mirrors")),
    )
    op.create_table(
        "old_names",
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("full_name_key", sa.String(), nullable=False),
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_old_names_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("type", "full_name_key", name=op.f("pk_old_names")),
    )
    with op.batch_alter_table("old_names", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_old_names_repo_key"), ["repo_key"], unique=False)

    op.create_table(
        "pulled_files",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("commit_sha", sa.String(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("is_tainted", sa.Boolean(), nullable=False),
        sa.Column("differences", sa.Integer(), nullable=False),
        sa.Column("differed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_pulled_files_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", "sha256", name=op.f("pk_pulled_files")),
    )
    with op.batch_alter_table("pulled_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pulled_files_sha256"), ["sha256"], unique=False)

    op.create_table(
        "refs",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha", sa.String(), nullable=False),
        sa.Column("tag_sha", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_refs_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", "name", name=op.f("pk_refs")),
    )
    op.create_table(
        "repo_grants",
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("namespace", sa.String(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key"], ["repos.key"], name=op.f("fk_repo_grants_repo_key"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("repo_key", "namespace", name=op.f("pk_repo_grants")),
    )
    op.create_table(
        "runs",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.Column("source", sa.JSON(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("model", sa.String(), nullable=True),
        sa.Column("dataset", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner"], ["users.name"], name=op.f("fk_runs_owner"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_owner"), ["owner"], unique=False)

    op.create_table(
        "sign_ins",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name=op.f("fk_sign_ins_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_sign_ins")),
    )
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_ins_user"), ["user"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("hint", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("only", sa.String(), nullable=False),
        sa.Column("questions_a_day", sa.Integer(), nullable=True),
        sa.Column("wh_a_day", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user"], ["users.name"], name=op.f("fk_tokens_user"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_tokens")),
        sa.UniqueConstraint("key", name=op.f("uq_tokens_key")),
    )
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tokens_user"), ["user"], unique=False)

    op.create_table(
        "discussion_events",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("repo_key", sa.String(), nullable=False),
        sa.Column("num", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["repo_key", "num"],
            ["discussions.repo_key", "discussions.num"],
            name=op.f("fk_discussion_events_repo_key_num"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_discussion_events")),
    )
    with op.batch_alter_table("discussion_events", schema=None) as batch_op:
        batch_op.create_index(
            "ix_discussion_events_place", ["repo_key", "num", "place"], unique=False
        )

    op.create_table(
        "token_usage",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("questions", sa.BigInteger(), nullable=False),
        sa.Column("wh", sa.Double(), nullable=False),
        sa.Column("low_wh", sa.Double(), nullable=False),
        sa.Column("high_wh", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sha256"], ["tokens.sha256"], name=op.f("fk_token_usage_sha256"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("sha256", "day", "method", name=op.f("pk_token_usage")),
    )
    with op.batch_alter_table("token_usage", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_token_usage_day"), ["day"], unique=False)

    _run(UPGRADES)


def downgrade() -> None:
    _run(DOWNGRADES)
    with op.batch_alter_table("token_usage", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_usage_day"))

    op.drop_table("token_usage")
    with op.batch_alter_table("discussion_events", schema=None) as batch_op:
        batch_op.drop_index("ix_discussion_events_place")

    op.drop_table("discussion_events")
    with op.batch_alter_table("tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tokens_user"))

    op.drop_table("tokens")
    with op.batch_alter_table("sign_ins", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_ins_user"))

    op.drop_table("sign_ins")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_owner"))

    op.drop_table("runs")
    op.drop_table("repo_grants")
    op.drop_table("refs")
    with op.batch_alter_table("pulled_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pulled_files_sha256"))

    op.drop_table("pulled_files")
    with op.batch_alter_table("old_names", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_old_names_repo_key"))

    op.drop_table("old_names")
    op.drop_table("mirrors")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_user"))

    op.drop_table("memberships")
    with op.batch_alter_table("likes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_likes_user_liked_at"))

    op.drop_table("likes")
    op.drop_table("embeds")
    with op.batch_alter_table("discussions", schema=None) as batch_op:
        batch_op.drop_index("ix_discussions_author")

    op.drop_table("discussions")
    with op.batch_alter_table("dedup_chunks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dedup_chunks_xorb_hash"))
        batch_op.drop_index(batch_op.f("ix_dedup_chunks_group_id"))

    op.drop_table("dedup_chunks")
    with op.batch_alter_table("blob_xorbs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blob_xorbs_xorb_hash"))

    op.drop_table("blob_xorbs")
    op.drop_table("blob_plans")
    with op.batch_alter_table("access_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_access_requests_repo_key_status_asked_at_key"))

    op.drop_table("access_requests")
    with op.batch_alter_table("xorbs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_xorbs_lost_at"))
        batch_op.drop_index(batch_op.f("ix_xorbs_condemned_at"))

    op.drop_table("xorbs")
    with op.batch_alter_table("wrong_tries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_wrong_tries_last_at"))

    op.drop_table("wrong_tries")
    op.drop_table("users")
    op.drop_table("upstreams")
    op.drop_table("setup_tokens")
    op.drop_table("secrets")
    with op.batch_alter_table("repos", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_repos_type_private_updated_at_key"))
        batch_op.drop_index(batch_op.f("ix_repos_type_private_downloads_key"))
        batch_op.drop_index(batch_op.f("ix_repos_type_private_created_at_key"))
        batch_op.drop_index(batch_op.f("ix_repos_namespace_type_private_updated_at_key"))
        batch_op.drop_index(batch_op.f("ix_repos_namespace_type_private_downloads_key"))
        batch_op.drop_index(batch_op.f("ix_repos_namespace_type_private_created_at_key"))

    op.drop_table("repos")
    op.drop_table("repo_aliases")
    op.drop_table("namespaces")
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jobs_lane"))

    op.drop_table("jobs")
    with op.batch_alter_table("holdings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_holdings_sha256"))
        batch_op.drop_index(batch_op.f("ix_holdings_charged_to"))

    op.drop_table("holdings")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_events_subject"))

    op.drop_table("events")
    op.drop_table("event_cursors")
    op.drop_table("epochs")
    op.drop_table("dedup_groups")
    op.drop_table("catalogue_progress")
    op.drop_table("catalogue_entries")
    with op.batch_alter_table("catalogue_counts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_catalogue_counts_type_count"))

    op.drop_table("catalogue_counts")
    with op.batch_alter_table("buckets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_buckets_namespace_full_name_key"))

    op.drop_table("buckets")
    with op.batch_alter_table("bucket_folders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bucket_folders_bucket_key_parent_path"))

    op.drop_table("bucket_folders")
    with op.batch_alter_table("bucket_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_bucket_files_bucket_key_sha256"))
        batch_op.drop_index(batch_op.f("ix_bucket_files_bucket_key_folder_path"))

    op.drop_table("bucket_files")
    op.drop_table("bound_namespaces")
    with op.batch_alter_table("blobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blobs_condemned_at"))

    op.drop_table("blobs")


def _run(statements: dict[str, list[str]]) -> None:
    """Those for this kind of database."""
    for statement in statements[op.get_bind().dialect.name]:
        op.execute(sa.text(statement))
