"""The built pages as files: links, pictures, weight, and that what the package holds is on them."""

import importlib
import pkgutil
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

import collapse_lab
from collapse_lab.claims import CLAIMS

MAX_WEIGHT = 1_500_000  # bytes of a page with its pictures, shared scripts and styles not counted
VOCABULARY = """
    world, model, fit, sample, pool, generation, replicate, policy, replace, accumulate, fraction,
    monitor, alarm, history, heterozygosity, fixation, effective sample size, tail mass, perplexity,
    type–token ratio, Wasserstein distance, teacher, student, temperature
"""


@dataclass
class Contents(HTMLParser):
    """What a page holds."""

    text: str
    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    images: list[dict[str, str]] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self.ids.update(filter(None, (given.get("id"), given.get("name") if tag == "a" else None)))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img":
            self.images.append(given)
        if tag in ("script", "img", "iframe", "audio", "video", "source", "embed"):
            self.loaded += filter(None, [given.get("src")])
        if tag == "link" and given.get("rel") in ("stylesheet", "preload", "icon", "preconnect"):
            self.loaded.append(given.get("href", ""))


@pytest.fixture(scope="module")
def contents(site: Path, pages: list[str]) -> dict[str, Contents]:
    return {page: Contents((site / page).read_text(encoding="utf-8")) for page in pages}


def test_internal_links_and_anchors_are_valid(site, contents):
    broken = []
    for page, found in contents.items():
        for link in found.links:
            if urlsplit(link).scheme or link.startswith("//"):
                continue
            address, anchor = urldefrag(link)
            target = (site / page).parent / unquote(address) if address else site / page
            if not target.is_file():
                broken.append(f"{page}: {link}")
                continue
            name = target.resolve().relative_to(site.resolve()).as_posix()
            if anchor and name in contents and unquote(anchor) not in contents[name].ids:
                broken.append(f"{page}: {link} (no such anchor)")
    assert broken == []


def test_what_a_chapter_says_of_the_glossary_leads_to_a_term(contents, chapters):
    found = {}
    for page in chapters:
        article = re.search("<article.*</article>", contents[page].text, re.DOTALL)[0]
        found[page] = re.findall(r'href="[^"]*glossary\.html([^"]*)"', article)
    vague = [page for page, anchors in found.items() if not all(a[:6] == "#term-" for a in anchors)]
    assert vague == []
    anchors = {anchor for page in found.values() for anchor in page}
    assert {"#term-world", "#term-Markov-chain"} <= anchors  # in small letters, and not


def test_nothing_is_loaded_from_outside(contents):
    outside = [
        f"{page}: {address}"
        for page, found in contents.items()
        for address in found.loaded
        if urlsplit(address).scheme not in ("", "data") or address.startswith("//")
    ]
    assert outside == []


def test_no_address_is_invented(contents):
    for page, found in contents.items():
        for foreign in ("executablebooks/jupyter-book", "binder-examples", "THEBE"):
            assert foreign not in found.text, f"{page} holds {foreign}"


def test_every_image_has_an_alternative_text(contents):
    missing = [
        f"{page}: {image.get('src', '')[:80]}"
        for page, found in contents.items()
        for image in found.images
        if "logo__image" not in image.get("class", "")  # its name stands beside it
        and (not image.get("alt", "").strip() or re.search(r"\.(png|svg)$", image["alt"]))
    ]
    assert missing == []


def test_pages_are_light(site, contents):
    weights = {}
    for page, found in contents.items():
        sources = {image.get("src", "") for image in found.images}
        local = [(site / page).parent / unquote(src) for src in sources if not urlsplit(src).scheme]
        weights[page] = len(found.text.encode()) + sum(path.stat().st_size for path in local)
    assert {page: weight for page, weight in weights.items() if weight > MAX_WEIGHT} == {}


def test_every_claim_is_on_the_claims_page_once(contents):
    page = contents["claims.html"]
    assert {f"claim-{claim_id.lower()}" for claim_id in CLAIMS} <= page.ids
    assert all(page.text.count(f"<strong>{claim_id}</strong>") == 1 for claim_id in CLAIMS)


def test_every_result_is_on_the_results_page(contents):
    from collapse_lab.results import RESULTS

    for identifier, result in RESULTS.items():
        assert f"result-{identifier.lower()}" in contents["results.html"].ids, result.title


def test_every_public_name_is_in_the_reference(contents):
    missing, described = [], contents["api.html"].ids | contents["closed-forms.html"].ids
    for module in pkgutil.walk_packages(collapse_lab.__path__, "collapse_lab."):
        if ".exercises" in module.name or module.name.rpartition(".")[2].startswith("_"):
            continue  # answers, and programs
        if f"module-{module.name}" not in described:
            missing.append(module.name)
        contained = importlib.import_module(module.name)
        public = getattr(contained, "__all__", [x for x in vars(contained) if x[0] != "_"])
        for name in public:
            thing, anchor = getattr(contained, name), f"{module.name}.{name}"
            ours = callable(thing) and getattr(thing, "__module__", None) == module.name
            if ours and anchor not in described:
                missing.append(anchor)
    assert missing == []


def test_the_glossary_gives_the_core_words_in_both_languages(contents):
    text = contents["glossary.html"].text
    terms = re.findall(r'<dt id="[^"]*">(.*?)<a', text, re.DOTALL)
    japanese = re.findall(r'<dt class="language-ja" id="[^"]*" lang="ja">|<dt [^>]*lang="ja"', text)
    english = {re.sub("<[^>]*>", "", term).strip() for term in terms}
    wanted = {word.strip() for word in VOCABULARY.replace("\n", " ").split(",")}
    assert {re.sub(r"\s+", " ", word) for word in wanted} <= english
    assert len(japanese) == text.count("<dt") - len(terms) > 40
