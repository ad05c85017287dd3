"""What people like, by the real client, which can take a like back and not give one."""

import httpx


def test_likes_are_listed_both_ways_and_taken_back(api, bobs_api, repo_id):
    api.create_repo(repo_id)
    like = f"{api.endpoint}/api/models/{repo_id}/like"
    assert (
        httpx.post(like, headers={"Authorization": f"Bearer {bobs_api.token}"}).status_code == 200
    )
    assert api.model_info(repo_id).likes == 1
    assert [liker.username for liker in api.list_repo_likers(repo_id)] == ["bob"]
    assert repo_id in api.list_liked_repos("bob").models
    bobs_api.unlike(repo_id)
    assert api.model_info(repo_id).likes == 0
    assert repo_id not in bobs_api.list_liked_repos().models
