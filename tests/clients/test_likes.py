"""What people like, by the real client, which can take a like back and not give one."""

import httpx
from huggingface_hub import HfApi


def test_likes_are_listed_both_ways_and_taken_back(running_hub, repo_id):
    api = HfApi(running_hub.endpoint, token=running_hub.tokens["alice"])
    bobs = HfApi(running_hub.endpoint, token=running_hub.tokens["bob"])
    api.create_repo(repo_id)
    like = f"{running_hub.endpoint}/api/models/{repo_id}/like"
    assert httpx.post(like, headers={"Authorization": f"Bearer {bobs.token}"}).status_code == 200
    assert api.model_info(repo_id).likes == 1
    assert [liker.username for liker in api.list_repo_likers(repo_id)] == ["bob"]
    assert repo_id in api.list_liked_repos("bob").models
    bobs.unlike(repo_id)
    assert api.model_info(repo_id).likes == 0
    assert repo_id not in bobs.list_liked_repos().models
