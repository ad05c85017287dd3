"""Every setting of a site and its default. Read once, at start; no feature reads it."""

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from etabli.foundation.networks import parse_networks

MAX_PROCESSES = 32


class Settings(BaseSettings):
    """Each field is an environment variable: `data_dir` is ETABLI_DATA_DIR."""

    model_config = SettingsConfigDict(env_prefix="ETABLI_", frozen=True)

    data_dir: Path = Path("etabli-data")
    """Where repositories, runs and the default database are kept."""

    database_url: str = ""
    """A PostgreSQL or SQLite address; empty: a SQLite file in `data_dir`."""

    public_url: str = ""
    """How the outside world reaches this site, with no slash at the end; empty: host and port."""

    allowed_hosts: str = ""
    """Names that this hub answers to besides its own, with commas between them; `*`: all."""

    allowed_private_networks: str = ""
    """Networks that are not public and that the hub may fetch from all the same, with commas
    between them: `192.168.1.0/24, ::1`."""

    host: str = "127.0.0.1"
    """The network address to listen on; 0.0.0.0 for all."""

    port: int = 8000
    """The port to listen on."""

    s3_address: str = ""
    """Where large files are kept: `s3://bucket/prefix`; empty: in `data_dir`."""

    s3_endpoint_url: str = ""
    """Where the S3 server is, when it is not Amazon's."""

    name: str = "Établi"
    """What this hub is called on its own pages."""

    open_registration: bool = False
    """Whether anybody may make an account. Otherwise the operator does."""

    embedded_worker: bool = True
    """Whether the server also does the background work. False: run `etabli worker` beside it."""

    carrier: bool = True
    """Whether what moves many bytes has a process of its own, so that it holds up nothing else."""

    processes: int = Field(default=2, ge=1, le=MAX_PROCESSES)
    """How many processes answer people and programs, beside the one that carries bytes. The first
    answers what is quick, and everything while it has little to do; the others take what takes
    long, and sleep until two such requests come at once."""

    answering_processes: int = Field(default=2, ge=1)
    """How many processes may answer with models at the same time: a slow model takes one."""

    max_connections: int = Field(4000, ge=1)
    """How many connections each process of the server holds at most, if it may open so many files;
    for a new one, the longest idle one is closed."""

    max_connections_per_network: int = Field(256, ge=1)
    """How many of them may come from one public address (of IPv6: one household)."""

    head_timeout_s: int = Field(20, ge=1)
    """How long the headers of a request may take to arrive, in seconds."""

    stall_timeout_s: int = Field(60, ge=1)
    """Over how many seconds a body must come, or an answer be taken, at 500 bytes a second or more
    on average."""

    max_file_mb: int = 64
    """The largest file that a commit may carry, in millions of bytes."""

    max_commit_mb: int = 256
    """The largest commit, in millions of bytes."""

    max_push_mb: int = 2000
    """The largest push through git, in millions of bytes; Git LFS carries large files beside it."""

    namespace_quota_gb: float = 0
    """What one person or organization may hold in large files, in thousand millions of bytes; 0:
    as much as there is room for."""

    mirrored_gb: float = Field(100, ge=0)
    """What this hub keeps of large files that come from other hubs, in thousand millions of bytes;
    0: as much as there is room for. For a new one, those that were asked for the longest ago go."""

    max_mirror_history_mb: int = Field(500, ge=1)
    """The largest history, without its large files, that a repository of another hub may have, in
    millions of bytes."""

    upstream_ask_again_s: int = Field(60, ge=0)
    """How long what another hub said of a branch holds, in seconds; and how soon one that could not
    be had, or had no such repository, is asked again."""

    max_large_file_gb: int = 500
    """The largest file that Git LFS or Xet may bring, in thousand millions of bytes."""

    max_unpacked_gb_per_hour: int = 1000
    """What one account may have this hub unpack and hash within an hour, beyond what it sends, in
    thousand millions of bytes; 0: no limit."""

    max_table_mb: int = 200
    """The largest table that an AI can be made from, in millions of bytes."""

    samples_dir: Path = Path(__file__).parents[2] / "samples"
    """Where the sample tables lie; without it the pages do not offer them."""

    watts_per_core: float = 10.0
    """What a busy core of this machine draws, in watts at the wall, all included: assumed."""

    idle_watts: float = Field(20.0, ge=0)
    """What this machine draws while it waits, in watts at the wall: assumed."""

    grid_name: str = "France"
    """Whose electricity this machine uses: only a name, shown beside the factor."""

    grid_g_co2e_per_kwh: float = 56.0
    """The carbon intensity of that electricity, in grams of CO2e a kWh."""

    @field_validator("allowed_private_networks")
    @classmethod
    def _are_networks(cls, text: str) -> str:
        parse_networks(text)
        return text

    @property
    def resolved_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'etabli.db'}"

    @property
    def resolved_public_url(self) -> str:
        return self.public_url.rstrip("/") or self.own_url

    @property
    def namespace_quota_bytes(self) -> int:
        return int(self.namespace_quota_gb * 1_000_000_000)

    @property
    def mirrored_bytes(self) -> int:
        return int(self.mirrored_gb * 1_000_000_000)

    @property
    def own_url(self) -> str:
        """Where the hub reaches itself, whatever stands before it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104
        bracketed = f"[{host}]" if ":" in host else host
        return f"http://{bracketed}:{self.port}"
