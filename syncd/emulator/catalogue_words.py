"""The words a believable small shop is stocked with: no real brand among them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """A group of goods: code prefix, group name, nouns, adjectives, options and price span in cents."""

    prefix: str
    group: str
    nouns: Sequence[str]
    kinds: Sequence[str]
    options: Sequence[str]
    cheapest: int
    dearest: int


RANGES: Sequence[Range] = (
    Range(
        "TEA",
        "Tea",
        ("green tea", "black tea", "white tea", "oolong", "rooibos", "herbal infusion", "matcha", "chai"),
        ("Morning", "Evening", "Smoky", "Organic", "First flush", "Jasmine", "Ginger & lemon", "Earl's"),
        ("50 g", "100 g", "250 g", "500 g", "1 kg", "20 bags"),
        450,
        8900,
    ),
    Range(
        "COF",
        "Coffee",
        ("espresso beans", "filter coffee", "decaf beans", "cold brew bags", "green beans"),
        ("House", "Dark", "Half-caff", "Single origin", "Crème", "Washed", "Honey process"),
        ("250 g", "500 g", "1 kg", "Whole bean", "Ground"),
        900,
        6900,
    ),
    Range(
        "POT",
        "Pots & kettles",
        ("teapot", "kettle", "stovetop pot", "French press", "pour-over set", "milk jug"),
        ("Cast-iron", "Glass", "Stoneware", "Enamelled", "Copper", "Hand-thrown", "Two-cup"),
        ("0.4 l", "0.6 l", "0.9 l", "1.2 l", "Black", "Moss"),
        1900,
        24900,
    ),
    Range(
        "CUP",
        "Cups & glasses",
        ("mug", "cup & saucer", "tumbler", "espresso cup", "tasting bowl", "travel mug"),
        ("Speckled", "Plain", "Blue-rimmed", "Double-walled", "Porcelain", "Stackable"),
        ("Red", "Blue", "Ochre", "White", "Set of 2", "Set of 6"),
        700,
        7900,
    ),
    Range(
        "KIT",
        "Kitchen ware",
        (
            "mixing bowl",
            "whisk",
            "measuring jug",
            "cake tin",
            "rolling pin",
            "scale",
            "storage jar",
            "grater",
        ),
        ("Beech", "Stainless", "Large", "Small", "Non-stick", "Silicone", 'The baker\'s "best"'),
        ("S", "M", "L", "XL", '8"', '10"'),
        500,
        15900,
    ),
    Range(
        "LIN",
        "Linen",
        ("tea towel", "apron", "oven glove", "table runner", "napkin", "bread bag"),
        ("Striped", "Washed linen", "Checked", "Natural", "Herringbone", "Fête"),
        ("Sand", "Charcoal", "Sage", "Rust", "Set of 4"),
        800,
        9900,
    ),
    Range(
        "PAN",
        "Pantry",
        ("honey", "shortbread", "marmalade", "sea salt", "sugar sticks", "biscotti", "candied peel"),
        ("Mānuka", "Lemon", "Salted", "Wild thyme", "Crème brûlée", "Dark chocolate"),
        ("100 g", "200 g", "400 g", "Gift box"),
        450,
        5900,
    ),
)

LONG_NAME = (
    "Tea tasting case for the whole family with twenty-four little tins, a porcelain bowl, a bamboo whisk, "
    "a linen cloth and a booklet in which every garden, its altitude, its season and the people who pick "
    "there are described at such length that the name of this case does not fit into any list, any label "
    "or any column that somebody once thought wide enough for the name of a thing on a shelf, which is why "
    "it is kept in the catalogue: to see who cuts it off, where, and whether they say so"
)

AWKWARD: Sequence[tuple[str, str]] = (
    ("TEA 100", "Green tea 100 g"),
    ("TEA,100", "Green tea, 100 g, loose"),
    ("CUP/SET-4", "Cups, set of 4"),
    ("MUG&SAUCER", "Mug & saucer"),
    ("JAR+LID", "Jar + lid"),
    ("DECAF 100%", "Decaf 100% arabica"),
    ("THÉ-VERT-50", "Thé vert à la menthe"),
    ("茶-250", "Sencha 茶 250 g"),
    ("ČAJ-ÜBER", "Čaj über alles, žlutý"),
    ("000123", "Wooden spoon"),
    ("0123", "Wooden spoon, long"),
    ("123", "Wooden spoons, pair"),
    ("tin-250", "Tea tin 250 g, old label"),
    ("TIN-250", "Tea tin 250 g"),
    ("Lid-90", 'Lid 90 mm (3½")'),
    ("LID-90", "Lid 90 mm"),
    ("TAB#7", "Table no. 7"),
    ("O'CLOCK", "Four o'clock blend"),
    ('PAN-12"', 'Cake tin 12" "Sunday"'),
    ("FUNNEL<5", "Funnel <5 cm & filter"),
    ("BACK\\SLASH", "Tile with a \\ in it"),
    ("Q?=A&B", "Quiz night tea: question = answer"),
    ("LONG-NAME", LONG_NAME),
    ("TEA-1", "Sampler 1"),
    ("TEA-10", "Sampler 10"),
    ("EMOJI-1", "Happy mug 🙂"),
)
"""Codes and names that trip programs up, each one a case somebody has met."""
