"""Lab 4: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "wilson": {
        "the interval of the normal approximation": ('''    centre = p + z**2 / (2 * n)
    reach = z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    scale = 1 + z**2 / n
''', '''    centre = p
    reach = z * (p * (1 - p) / n) ** 0.5
    scale = 1
'''),
        "4n in place of 4n² below the root": ("(4 * n**2)", "(4 * n)"),
    },
    "table": {
        "rows and columns exchanged": ("return table, (table", "table = table.T\n    return table, (table"),
        "the diagonal among the unauthorized": ("(table * others).sum(1) / others.sum(1)", "table.mean(1)"),
    },
    "kept": {
        "all images": ("counted = before == y", "counted = torch.ones_like(y, dtype=torch.bool)"),
        "conditioned on the protected ones": ("counted = before == y\n    k, n = int((after == y)[counted]",
                                              "counted = after == y\n    k, n = int((before == y)[counted]"),
    },
    "groups": {
        "surrogates among the victims": ('victims = table[table.role == "unauthorized"]', 'victims = table[table.role != "authorized"]'),
        "families averaged together": ("victims.relative[~near].mean()", "victims.relative.mean()"),
    },
    "off": {
        "ten percent in place of ten points": ("> 0.1)", "> 0.1 * p)"),
        "the interval of the images, not of the samples": ("Estimate(off / draws, *wilson(off, draws), draws)",
                                                           "Estimate(off / draws, *wilson(round(n * off / draws), n), n)"),
    },
    "needed": {
        "the normal approximation": ("z / (1 + z**2 / n) * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5 > half",
                                     "z * (p * (1 - p) / n) ** 0.5 > half"),
        "the whole width": ("while z /", "while 2 * z /"),
    },
}
RIGHT = {
    "wilson": {"as the roots of a quadratic equation": '''
def wilson_interval(k, n, z=1.96):
    "Where (p - q)^2 = z^2 q (1 - q) / n."
    roots = np.roots([1 + z * z / n, -(2 * k / n + z * z / n), (k / n) ** 2])
    return tuple(sorted(np.real(roots)))
'''},
    "table": {"loops and numpy, in double precision": '''
def accuracy_table(models, protected, y):
    "Cell by cell."
    n = len(models)
    table = np.zeros((n, n))
    for j, model in enumerate(models):
        for i in range(n):
            with torch.inference_mode():
                predictions = model(protected[i]).argmax(dim=1).numpy()
            table[i, j] = np.mean(predictions == y.numpy())
    means = [np.mean([table[i, j] for j in range(n) if j != i]) for i in range(n)]
    return torch.from_numpy(table), torch.tensor(means)
'''},
    "kept": {"image by image": '''
def kept(y, before, after):
    "Counted in a loop."
    k = n = 0
    for label, first, second in zip(y.tolist(), before.tolist(), after.tolist()):
        if first != label:
            continue
        n += 1
        k += second == label
    if n == 0:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = wilson(k, n)
    return Estimate(k / n, low, high, n)
'''},
    "groups": {"row by row": '''
def group_means(table):
    "With lists."
    rows = table.to_dict("records")
    families = {row["family"] for row in rows if row["role"] in ("authorized", "surrogate")}
    found = {"surrogate": [], "in-family": [], "other families": []}
    for row in rows:
        if row["role"] == "surrogate":
            found["surrogate"].append(row["relative"])
        elif row["role"] == "unauthorized":
            found["in-family" if row["family"] in families else "other families"].append(row["relative"])
    return {name: sum(values) / len(values) if values else float("nan") for name, values in found.items()}
'''},
    "off": {"one coin after the other, with Python's own generator": '''
def off_by_ten(p, n, draws=4000, seed=0):
    "Plain loops."
    import random
    rng, off = random.Random(seed), 0
    for _ in range(draws):
        share = sum(rng.random() < p for _ in range(n)) / n
        off += share > p + 0.1 or share < p - 0.1
    return Estimate(off / draws, *wilson(off, draws), draws)
'''},
    "needed": {"bisection": '''
def photos_needed(p, half=0.05, z=1.96):
    "The half-width falls with n."
    def width(n):
        return z * np.sqrt(p * (1 - p) / n + (z / n) ** 2 / 4) / (1 + z * z / n)
    low, high = 0, 10**7
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if width(middle) <= half else (middle, high)
    return high
'''},
}
