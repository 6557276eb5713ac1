"""Every page in both languages: complete words, escaped values, labels for what is to be filled in."""

import re
from html.parser import HTMLParser

import pytest

from voice_engine.rest.v1.auth.pages import (
    AccountPage,
    BusinessSignInPage,
    CallConsentPage,
    ConnectedClient,
    ConsentPage,
    ErrorPage,
    ForgotPage,
    Frame,
    Language,
    LinkPage,
    OutboxLetter,
    OutboxPage,
    Page,
    ResetPage,
    SignInPage,
)
from voice_engine.web.signin.pages import TEMPLATES, JinjaPages
from voice_engine.web.signin.words import ERRORS, WORDS

EVIL = '"><img src=x onerror=alert(1)>{{1111*1111}}'
TARGET = f"/v1/auth/cli?state={EVIL}"
PAGES: list[Page] = [
    SignInPage(target=TARGET, client=EVIL, issuers=("google", EVIL), may_sign_up=True, email=EVIL, name=EVIL),
    SignInPage(
        target=TARGET, client=None, issuers=(), may_sign_up=True, is_new=True, email=EVIL, error="email_taken"
    ),
    SignInPage(target="/", client=None, issuers=(), may_sign_up=False, error="rate_limited", retry_after_s=61),
    LinkPage(token=EVIL, email=None, entered_email=EVIL, name=EVIL),
    LinkPage(token=EVIL, email=EVIL),
    ConsentPage(target=TARGET, client=EVIL, host=EVIL, scopes=("calls:read", "calls:write"), email=EVIL),
    CallConsentPage(target=TARGET, email=EVIL),
    AccountPage(
        email=EVIL,
        name=EVIL,
        consented=True,
        clients=(ConnectedClient(id=EVIL, name=EVIL, scopes=("calls:read",)),),
    ),
    AccountPage(email="a@b.c", name="", consented=False, clients=()),
    ErrorPage(code="invalid_client", message=EVIL),
    BusinessSignInPage(csrf_token=EVIL, error="credentials_wrong"),
    BusinessSignInPage(csrf_token=EVIL, done=True),
    ForgotPage(),
    ForgotPage(asked=True),
    ForgotPage(error="rate_limited", retry_after_s=61),
    ResetPage(token=EVIL, error="invalid_or_expired_token"),
    OutboxPage(letters=()),
    OutboxPage(letters=(OutboxLetter(to=EVIL, subject=EVIL, state=EVIL, written=EVIL, text=EVIL),)),
]


class Reader(HTMLParser):
    """Counts what a browser would see."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def pages() -> JinjaPages:
    return JinjaPages()


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_every_page_renders_and_nothing_becomes_markup(pages: JinjaPages, page: Page, language: Language) -> None:
    document = pages.render(page, Frame(language=language, csrf="c-s-r-f"))
    read = Reader(document)

    assert read.all("html")[0]["lang"] == language
    assert read.all("img") == read.all("script") == []
    assert not [
        name for _, attributes in read.tags for name in attributes if name.startswith("on") or name == "style"
    ]
    assert "1234321" not in document  # {{1111*1111}} was not evaluated
    assert len(read.all("h1")) == 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: type(page).__name__)
def test_every_field_has_its_label_and_every_form_its_proof(pages: JinjaPages, page: Page) -> None:
    read = Reader(pages.render(page, Frame(language="en", csrf="c-s-r-f")))

    labelled = {label.get("for") for label in read.all("label")}
    for field in read.all("input"):
        assert field["type"] in {"hidden", "checkbox"} or field.get("id") in labelled
    proofs = [field for field in read.all("input") if field.get("name") in {"csrf", "csrfToken"}]
    assert len(proofs) == len(read.all("form"))
    for field in proofs:  # the client library's addresses have a token of their own
        assert field["value"] == ("c-s-r-f" if field["name"] == "csrf" else EVIL)


def test_every_page_has_a_template() -> None:
    assert set(TEMPLATES) == {type(page) for page in PAGES}


def test_both_languages_say_everything() -> None:
    assert WORDS["en"].keys() == WORDS["es"].keys()
    assert ERRORS["en"].keys() == ERRORS["es"].keys()
    same = {key for key in WORDS["en"] if WORDS["en"][key] == WORDS["es"][key]}
    assert same <= {"product"}
    for english, spanish in ((WORDS["en"], WORDS["es"]), (ERRORS["en"], ERRORS["es"])):
        for key in english:
            assert re.findall(r"{\w+}", english[key]) == re.findall(r"{\w+}", spanish[key]), key


def test_a_wait_is_told_in_minutes(pages: JinjaPages) -> None:
    page = SignInPage(target="/", client=None, issuers=(), may_sign_up=False, error="rate_limited", retry_after_s=1)

    assert "in 1 min." in pages.render(page, Frame(language="en", csrf="c"))


def test_the_style_sheet_asks_nobody_else(pages: JinjaPages) -> None:
    style = pages.style().decode()

    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style
