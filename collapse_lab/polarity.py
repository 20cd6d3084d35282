"""Texts about what is there and what is not, written for this course.

Each *thing* (meat, parking, hoods) is said to be there, or not to be there, in 16 *wordings*: eight
templates and eight verbs. Beside them stand dishes that hold or lack a thing, texts that grant one
thing and refuse another, and graded pairs that have nothing to do with all this. `all_texts` lists
every text once: `collapse_lab.embeddings` holds a vector for each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

# what is spoken of, and what it may have or lack
THINGS: dict[str, tuple[str, ...]] = {
    "recipes": (
        "meat", "cheese", "nuts", "eggs", "milk", "sugar",
        "fish", "garlic", "alcohol", "mushrooms", "rice", "tomatoes",
    ),
    "hotels": ("parking", "breakfast", "elevators", "swimming pools", "air conditioning"),
    "apartments": ("furniture", "balconies", "carpets", "washing machines"),
    "jackets": ("hoods", "zippers", "pockets", "buttons"),
    "phones": ("cameras", "headphone jacks", "fingerprint readers"),
    "movies": ("subtitles", "violence", "songs", "dialogue"),
    "books": ("pictures", "footnotes", "maps"),
    "gardens": ("trees", "flowers", "fences", "ponds"),
    "websites": ("advertising", "comments", "passwords"),
    "bicycles": ("gears", "baskets", "lights"),
    "jobs": ("overtime", "travel", "night shifts"),
}  # fmt: skip

TEMPLATES = (  # there, and not there
    ("{head} with {thing}", "{head} without {thing}"),
    ("{head}, {thing} included", "{head}, {thing} excluded"),
    ("{head} and plenty of {thing}", "{head} but no {thing}"),
    ("Find {head}. There must be {thing}.", "Find {head}. There must be no {thing}."),
    ("{head} full of {thing}", "{head} free of {thing}"),
    ("{head} where you always see {thing}", "{head} where you never see {thing}"),
    ("These {head} have {thing}.", "These {head} lack {thing}."),
    ("{head} for people who like {thing}", "{head} for people who avoid {thing}"),
)
VERBS = ("have", "contain", "include", "use", "feature", "offer", "involve", "come with")
WORDINGS = (
    *TEMPLATES,
    *(
        (f"{{head}} that {verb} {{thing}}", f"{{head}} that do not {verb} {{thing}}")
        for verb in VERBS
    ),
)

BOTH = (  # grants one thing and refuses another; the last two use the same words for every order
    "{head} with {a} but without {b}",
    "{head}: {a}, no {b}",
    "{head}: no {b}, {a}",
)

# by their usual recipe: six dishes that hold the thing, six that do not
DISHES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "meat": (
        (
            "bacon cheeseburger",
            "meatloaf",
            "beef stew",
            "pulled pork",
            "chicken curry",
            "spare ribs",
        ),
        ("falafel", "hummus", "green salad", "pancakes", "apple pie", "vegetable soup"),
    ),
    "cheese": (
        (
            "fondue",
            "lasagna",
            "grilled cheese sandwich",
            "quesadilla",
            "raclette",
            "bacon cheeseburger",
        ),
        ("falafel", "beef stew", "sushi", "apple pie", "fruit salad", "pad thai"),
    ),
    "nuts": (
        ("baklava", "pecan pie", "pesto", "marzipan", "granola", "pad thai"),
        ("scrambled eggs", "beef stew", "fondue", "mashed potatoes", "fish and chips", "miso soup"),
    ),
    "eggs": (
        ("omelet", "scrambled eggs", "quiche", "frittata", "meringue", "mayonnaise"),
        ("hummus", "falafel", "fruit salad", "beef stew", "green salad", "miso soup"),
    ),
    "milk": (
        ("milkshake", "rice pudding", "pancakes", "custard", "hot chocolate", "ice cream"),
        ("falafel", "sushi", "fruit salad", "miso soup", "beef stew", "pad thai"),
    ),
    "sugar": (
        ("apple pie", "ice cream", "meringue", "caramel", "lemonade", "marzipan"),
        ("omelet", "hummus", "green salad", "fish and chips", "miso soup", "scrambled eggs"),
    ),
    "fish": (
        (
            "sushi",
            "fish and chips",
            "bouillabaisse",
            "tuna sandwich",
            "paella",
            "smoked salmon bagel",
        ),
        ("falafel", "meatloaf", "apple pie", "fondue", "omelet", "pancakes"),
    ),
    "garlic": (
        ("hummus", "pesto", "falafel", "garlic bread", "shrimp scampi", "chicken curry"),
        ("apple pie", "ice cream", "pancakes", "fruit salad", "custard", "rice pudding"),
    ),
    "alcohol": (
        ("rum cake", "coq au vin", "beer batter", "sangria", "tiramisu", "fondue"),
        ("lemonade", "falafel", "pancakes", "milkshake", "omelet", "green salad"),
    ),
    "mushrooms": (
        (
            "beef stroganoff",
            "mushroom risotto",
            "stuffed portobello",
            "chanterelle ragout",
            "cream of mushroom soup",
            "beef wellington",
        ),
        ("apple pie", "hummus", "ice cream", "fish and chips", "baklava", "scrambled eggs"),
    ),
    "rice": (
        ("sushi", "paella", "mushroom risotto", "rice pudding", "jambalaya", "fried rice"),
        ("lasagna", "fondue", "apple pie", "mashed potatoes", "pancakes", "bacon cheeseburger"),
    ),
    "tomatoes": (
        ("gazpacho", "pizza margherita", "shakshuka", "ketchup", "minestrone", "bruschetta"),
        ("apple pie", "ice cream", "pancakes", "sushi", "rice pudding", "miso soup"),
    ),
}

# a sentence, one of the same meaning, one on the same subject that says something else
GRADED: tuple[tuple[str, str, str], ...] = (
    (
        "The train was an hour late.",
        "We arrived sixty minutes behind schedule by rail.",
        "The train has a dining car.",
    ),
    (
        "She is learning to play the violin.",
        "She has begun taking lessons on a string instrument.",
        "She sold her old violin to a friend.",
    ),
    (
        "The company hired fifty engineers.",
        "Fifty technical staff joined the firm.",
        "The company moved its head office.",
    ),
    (
        "It rained all weekend.",
        "Saturday and Sunday were wet from start to end.",
        "The weekend market opens at eight.",
    ),
    (
        "He repaired the broken window.",
        "The shattered pane was mended by him.",
        "He looked out of the window.",
    ),
    (
        "The museum is closed on Mondays.",
        "You cannot visit the gallery on the first day of the week.",
        "The museum bought a new painting.",
    ),
    (
        "Prices have doubled since last year.",
        "Everything costs twice as much as twelve months ago.",
        "Prices are printed on the back page.",
    ),
    (
        "The doctor told him to rest.",
        "His physician advised him to take it easy.",
        "The doctor bought a new car.",
    ),
    (
        "Children under six travel free.",
        "No fare is charged for kids aged five or less.",
        "Children played on the beach.",
    ),
    (
        "The lake froze over in January.",
        "Ice covered the water in midwinter.",
        "The lake is popular among anglers.",
    ),
    (
        "The team won its final match.",
        "They came out on top in the last game.",
        "The team wears blue shirts.",
    ),
    (
        "Turn off the lights before you leave.",
        "Switch the lamps off on your way out.",
        "The lights of the city were beautiful.",
    ),
    (
        "My grandmother grew up on a farm.",
        "Granny spent her childhood among fields and animals.",
        "My grandmother bakes excellent bread.",
    ),
    (
        "The election results were disputed.",
        "Many people challenged the outcome of the vote.",
        "The election takes place every four years.",
    ),
    (
        "The battery lasts for two days.",
        "You need to charge it every forty-eight hours.",
        "The battery sits under the seat.",
    ),
    (
        "She wrote a letter to the editor.",
        "She sent the newspaper a note with her opinion.",
        "She became the editor of a magazine.",
    ),
    (
        "The bridge was built in 1890.",
        "Construction of the crossing dates from the late nineteenth century.",
        "The bridge carries trucks and buses.",
    ),
    (
        "He speaks four languages fluently.",
        "He can talk with ease in four tongues.",
        "He teaches languages at a school.",
    ),
    (
        "The restaurant was completely full.",
        "Every table in the dining room was taken.",
        "The restaurant was painted green.",
    ),
    (
        "The dog chased the cat up a tree.",
        "A kitty fled from a hound into the branches.",
        "The dog slept beside the fire.",
    ),
    (
        "Interest rates are expected to fall.",
        "Borrowing will probably become cheaper.",
        "Interest is paid at the end of the year.",
    ),
    (
        "The flight was canceled because of fog.",
        "Poor visibility kept the plane on the ground.",
        "The flight attendants served coffee.",
    ),
    (
        "The novel describes life in a fishing village.",
        "The book is about a community that lives from the sea.",
        "The novel was printed on thin paper.",
    ),
    (
        "The software crashed twice today.",
        "The program has stopped working two times since morning.",
        "The software can be bought online.",
    ),
    (
        "They planted a hundred trees along the road.",
        "The street was lined by them with new saplings.",
        "They crossed the road behind the trees.",
    ),
    (
        "The patient has a high fever.",
        "The sick person's temperature is far above normal.",
        "The patient waited in the corridor.",
    ),
    (
        "Scientists discovered a new species of frog.",
        "Researchers found an amphibian unknown until now.",
        "Scientists met at a conference in June.",
    ),
    (
        "The old factory was turned into apartments.",
        "Homes were made out of a disused industrial building.",
        "The old factory made steel pipes.",
    ),
    (
        "The teacher praised her essay.",
        "Her composition was commended in class.",
        "The teacher lost her umbrella.",
    ),
    (
        "We ran out of fuel in the desert.",
        "Our tank went empty amid the dunes.",
        "We photographed the desert at night.",
    ),
    (
        "The baby slept through the night.",
        "The infant did not wake until morning.",
        "The baby has blue eyes.",
    ),
    (
        "The court rejected the appeal.",
        "Judges turned the request for a new ruling down.",
        "The court is next to the station.",
    ),
    (
        "Heavy snow blocked the mountain pass.",
        "The road over the summit was shut by a blizzard.",
        "The mountain is visible from the town.",
    ),
    (
        "The orchestra played without a conductor.",
        "No one led the musicians during the performance.",
        "The orchestra travels to Japan in May.",
    ),
    (
        "He forgot his password again.",
        "Once more he could not remember his login code.",
        "He keeps his password in a drawer.",
    ),
    (
        "The river flooded the lower town.",
        "Water spilled over the banks into the streets below.",
        "The river rises in the mountains.",
    ),
    (
        "The bakery opens at five in the morning.",
        "Fresh bread is on sale from dawn.",
        "The bakery belongs to two brothers.",
    ),
    (
        "Her speech moved the audience to tears.",
        "The listeners wept at what she said.",
        "Her speech lasted twenty minutes.",
    ),
    (
        "The storm damaged dozens of roofs.",
        "Many houses lost tiles in the gale.",
        "The storm is named after a poet.",
    ),
    (
        "Sales rose sharply in the last quarter.",
        "The company sold far more in recent months.",
        "Sales are counted once a week.",
    ),
)


@dataclass(frozen=True)
class Thing:
    """Something that may be there or not.

    Attributes
    ----------
    head : str
        What may have it: "recipes".
    name : str
        What it is: "meat".
    """

    head: str
    name: str

    def said(self, wording: int) -> tuple[str, str]:
        """Return the text that it is there and the text that it is not, in one of `WORDINGS`."""
        there, absent = WORDINGS[wording]
        return there.format(head=self.head, thing=self.name), absent.format(
            head=self.head, thing=self.name
        )


def things() -> tuple[Thing, ...]:
    """All 48 things, by what may have them."""
    return tuple(Thing(head, name) for head, names in THINGS.items() for name in names)


def statements() -> list[list[tuple[str, str]]]:
    """All statements: for each wording and each thing, that it is there and that it is not.

    Returns
    -------
    list of 16 lists of 48 pairs of str
        First the wordings of `TEMPLATES`, then those of `VERBS`.
    """
    return [[thing.said(wording) for thing in things()] for wording in range(len(WORDINGS))]


def fair_pairs(
    asking: Iterable[int] | None = None, asked: Iterable[int] | None = None
) -> list[tuple[int, int]]:
    """Pairs of wordings whose signs share no word: a choice that shared words cannot decide.

    "recipes that do not use meat" and "recipes that do not contain meat" share "do not", which
    their opposites lack. Such a pair is left out: counting shared words would decide it.

    Parameters
    ----------
    asking, asked : iterables of int, optional
        Wordings of the statement and of the two candidates. Default: all.

    Returns
    -------
    list of (int, int)
        Each of two different wordings; 182 by default.
    """
    first = range(len(WORDINGS)) if asking is None else list(asking)
    second = range(len(WORDINGS)) if asked is None else list(asked)
    signs = [_sign_words(wording) for wording in WORDINGS]
    return [(i, j) for i in first for j in second if i != j and not signs[i] & signs[j]]


def _sign_words(wording: tuple[str, str]) -> set[tuple[str, str]]:
    """Words that one of two opposite texts has and the other has not, and which of them."""
    there, absent = (set(re.findall("[a-z]+", text.lower())) for text in wording)
    return {("there", word) for word in there - absent} | {("no", word) for word in absent - there}


def exchanged() -> list[list[tuple[str, str]]]:
    """Texts that grant one thing and refuse another, each beside the one that exchanges them.

    Returns
    -------
    list of 3 lists of 48 pairs of str
        For each of `BOTH`; thing a is followed by the next thing b of the same head, the last by
        the first. Within a pair of the last two wordings the words are the same.
    """
    pairs = [
        (head, a, b)
        for head, names in THINGS.items()
        for a, b in zip(names, names[1:] + names[:1], strict=True)
    ]
    return [
        [(text.format(head=h, a=a, b=b), text.format(head=h, a=b, b=a)) for h, a, b in pairs]
        for text in BOTH
    ]


def graded_pairs() -> tuple[list[tuple[str, str]], list[int]]:
    """120 pairs of sentences, and how near they are in meaning.

    Returns
    -------
    pairs : list of (str, str)
    grades : list of int
        2: the same meaning in other words. 1: the same subject, something else is said. 0: nothing
        in common; the second sentence belongs to another subject of the list.
    """
    same = [(first, second) for first, second, _ in GRADED]
    subject = [(first, third) for first, _, third in GRADED]
    shift = len(GRADED) // 2
    apart = [
        (first, GRADED[(i + shift) % len(GRADED)][2]) for i, (first, _, _) in enumerate(GRADED)
    ]
    return same + subject + apart, [2] * len(same) + [1] * len(subject) + [0] * len(apart)


def all_texts() -> tuple[str, ...]:
    """Every text of this module once, in a fixed order."""
    texts = [text for wording in statements() + exchanged() for pair in wording for text in pair]
    texts += [dish for held, lacked in DISHES.values() for dish in (*held, *lacked)]
    texts += [sentence for graded in GRADED for sentence in graded]
    return tuple(dict.fromkeys(texts))
