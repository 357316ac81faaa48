from accounts.models import User
from core.http.access import Audience
from tests.accounts.actors import PrincipalOf, SignIn


def test_me__signed_in__shows_the_account(freelancer: User, sign_in: SignIn) -> None:
    client = sign_in(freelancer, Audience.IOS)

    response = client.get("/v1/auth/me")

    assert response.status_code == 200
    workspace = freelancer.workspaces.get()
    body = response.json()
    assert body.pop("created_at").endswith("Z")
    assert body.pop("updated_at").endswith("Z")
    assert body.pop("scopes") == sorted(client.principal.scopes)
    assert body == {
        "id": str(freelancer.id),
        "email": freelancer.email,
        "full_name": "Freelancer",
        "phone": "",
        "is_email_verified": False,
        "locale": "en",
        "timezone": "UTC",
        "roles": ["freelancer"],
        "workspace": {"id": str(workspace.id), "name": "Freelancer", "currency": "USD", "role": "owner"},
    }


def test_principal__fresh_session__knows_workspace_and_channel(freelancer: User, principal_of: PrincipalOf) -> None:
    principal = principal_of(freelancer, Audience.ANDROID)

    assert principal.user_id == freelancer.id
    assert principal.channel == "mobile-android"
    assert principal.workspace_id == freelancer.workspaces.get().id
    assert principal.roles == {"freelancer"}
