"""Lab 7: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "answers": {
        "the first task's labels for all tasks": ("labels[task].tolist()", "next(iter(labels.values())).tolist()"),
        "the logit as confidence": ("predict_logits(model, x).softmax(1)", "predict_logits(model, x)"),
    },
    "guess": {
        "one divided by the number of classes": ("(y == frequent).float().mean().item()", "1 / len(known.unique())"),
        "the most frequent of the evaluated labels": ("known.bincount()", "y.bincount()"),
    },
    "remains": {
        "without the guess": ("(rows.protected - floor) / (rows.original - floor)", "rows.protected / rows.original"),
        "authorized and same family averaged in": ('table[table.relation == "other families"]', "table"),
    },
    "objective": {
        "one of the losses left out": ("sum(losses)", "losses[0]"),
        "loss averaged over the batch": (', reduction="none"', ""),
    },
    "choose": {
        "reported on the images it was chosen on": ("table[~seen &", "table[seen &"),
        "mean over roles": ("accuracy.unauthorized[accuracy.authorized >= floor]", "accuracy.mean(axis=1)"),
    },
    "interval": {
        "predictions as independent cases": ("correct.float().mean(0)", "correct.float().flatten()"),
        "standard deviation for the standard error": ("cases.std() / len(cases) ** 0.5", "cases.std()"),
    },
}
RIGHT = {
    "answers": {"image by image, other order of rows and columns": '''
def answers(networks, x, labels):
    "One image and one network at a time."
    import numpy as np
    columns = {"correct": [], "confidence": [], "prediction": [], "task": [], "image": []}
    for i in range(len(x)):
        for task in networks:
            with torch.no_grad():
                z = networks[task](x[i : i + 1])[0].double().numpy()
            p = np.exp(z - z.max())
            p = p / p.sum()
            columns["image"].append(i)
            columns["task"].append(task)
            columns["prediction"].append(networks[task].classes[int(np.argmax(p))])
            columns["confidence"].append(float(p.max()))
            columns["correct"].append(bool(np.argmax(p) == int(labels[task][i])))
    return pd.DataFrame(columns)
'''},
    "guess": {"with a counter": '''
def guess_accuracy(known, y):
    "Counter."
    from collections import Counter
    most = Counter(known.tolist()).most_common(1)[0][0]
    return sum(label == most for label in y.tolist()) / len(y)
'''},
    "remains": {"a loop over the rows": '''
def what_remains(table, guess):
    "Row by row."
    found = {}
    for row in table.itertuples():
        if row.relation != "other families":
            continue
        g = guess[row.asked_for]
        found.setdefault(row.asked_for, []).append((row.protected - g) / (row.original - g))
    return pd.Series({task: sum(values) / len(values) for task, values in found.items()})
'''},
    "objective": {"from log-softmax, task by task": '''
def objective(distorted, logits, labels, lam=1.0):
    "J, one task after the other."
    j = distorted.clone()
    for task, z in logits.items():
        chosen = F.log_softmax(z, dim=-1)[torch.arange(len(z)), labels[task]]
        j = j + lam * chosen
    return j
'''},
    "choose": {"loops over settings": '''
def choose(table, by, chosen_on, floor=0.9):
    "Point by point."
    best, lowest = None, None
    for _, point in table[by].drop_duplicates().iterrows():
        mask = pd.Series(True, index=table.index)
        for name in by:
            mask &= table[name] == point[name]
        inside = table[mask & table.image.isin(set(chosen_on))]
        kept = inside[inside.role == "authorized"].protected.astype(float).mean()
        lost = inside[inside.role == "unauthorized"].protected.astype(float).mean()
        if kept >= floor and (lowest is None or lost < lowest):
            best, lowest, chosen = point.to_dict(), lost, mask
    others = table[chosen & ~table.image.isin(set(chosen_on)) & (table.role == "unauthorized")]
    return best, others.protected.astype(float).mean()
'''},
    "interval": {"with numpy": '''
def group_accuracy(correct):
    "numpy."
    import numpy as np
    shares = np.array(correct.tolist(), dtype=float).mean(axis=0)
    half = 1.96 * np.std(shares, ddof=1) / np.sqrt(shares.size)
    return Estimate(shares.mean(), shares.mean() - half, shares.mean() + half, shares.size)
'''},
}
