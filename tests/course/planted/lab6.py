"""Lab 6: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "median": {
        "black beyond the border": (', mode="replicate"', ""),
        "the median over all colours": ("return windows.flatten(3).median(3).values",
                                        "return windows.permute(1, 2, 0, 3, 4).flatten(2).median(2).values.expand(3, -1, -1)"),
    },
    "recovered": {
        "accuracy in place of recovery": ("lost = (original == y) & (protected != y)", "lost = torch.ones_like(y, dtype=torch.bool)"),
        "a share of all images": ("return Estimate(k / n, *wilson(k, n), n)", "n = len(y)\n    return Estimate(k / n, *wilson(k, n), n)"),
    },
    "choice": {
        "chosen on the images under attack": ("max(own, key=lambda name: (own[name] == own_y)", "max(test, key=lambda name: (test[name] == test_y)"),
        "the mean over the countermeasures": ("(test[name] == test_y).float().mean().item()",
                                              "torch.stack([(p == test_y).float().mean() for p in test.values()]).mean().item()"),
    },
    "purifier": {
        "toward the protected image": ("- x[chosen]).abs()", "- x_star[chosen]).abs()"),
        "pairs torn apart": ("- x[chosen]).abs()", "- x[torch.randint(len(x), (batch,), generator=rng)]).abs()"),
    },
    "tuned": {
        "evaluated on the images it learned from": (
            '''        k = int((tuned(test).argmax(1) == test_y).sum())
    return Estimate(k / len(test_y), *wilson(k, len(test_y)), len(test_y))''',
            '''        k = int((tuned(own).argmax(1) == own_y).sum())
    return Estimate(k / len(own_y), *wilson(k, len(own_y)), len(own_y))'''),
        "the victim as it was": ("tuned(test)", "victim(test)"),
    },
    "left": {
        "the mean over the countermeasures": (".protected.max().mean()", ".protected.mean().mean()"),
        "the authorized model among the others": ('table[table.role == "unauthorized"]', "table"),
    },
}
RIGHT = {
    "median": {"numpy, pixel by pixel": '''
def median_filter(x, size=3):
    "Shifted copies, sorted."
    import numpy as np
    reach = size // 2
    padded = np.pad(x.numpy(), ((0, 0), (reach, reach), (reach, reach)), mode="edge")
    h, w = x.shape[1:]
    copies = [padded[:, i : i + h, j : j + w] for i in range(size) for j in range(size)]
    return torch.from_numpy(np.sort(np.stack(copies), axis=0)[len(copies) // 2])
'''},
    "recovered": {"image by image": '''
def recovered(y, original, protected, countered):
    "Counted in a loop."
    results = []
    for label, first, second, third in zip(y.tolist(), original.tolist(), protected.tolist(), countered.tolist()):
        if first == label and second != label:
            results.append(third == label)
    if not results:
        return Estimate(float("nan"), float("nan"), float("nan"), 0)
    low, high = wilson(sum(results), len(results))
    return Estimate(sum(results) / len(results), low, high, len(results))
'''},
    "choice": {"with pandas": '''
def attackers_choice(own, own_y, test, test_y):
    "A series of accuracies."
    on_own = pd.Series({name: (p.numpy() == own_y.numpy()).mean() for name, p in own.items()})
    best = on_own.idxmax()
    return best, float((test[best].numpy() == test_y.numpy()).mean())
'''},
    "purifier": {"epochs of shuffled pairs, l1_loss, a fresh gradient by zero_grad of the module": '''
def train(net, x, x_star, steps=60, batch=8, lr=3e-3, seed=0):
    "Every pair once before any comes again."
    generator, losses, waiting = torch.Generator().manual_seed(seed), [], []
    opt = torch.optim.Adam(net.parameters(), lr=lr)
    while len(losses) < steps:
        if not waiting:
            waiting = list(torch.randperm(len(x), generator=generator).split(batch))
        places = waiting.pop()
        net.zero_grad()
        loss = F.l1_loss(net(x_star[places]), x[places])
        loss.backward()
        opt.step()
        losses.append(float(loss.detach()))
    return losses
'''},
    "tuned": {"one image at a time": '''
def after_training(tune, victim, own, own_y, test, test_y):
    "Asked singly."
    network = tune(victim, own, own_y)
    k = 0
    for image, label in zip(test, test_y):
        with torch.inference_mode():
            k += int(network(image[None])[0].argmax() == label)
    n = len(test)
    low, high = wilson(k, n)
    return Estimate(value=k / n, low=low, high=high, n=n)
'''},
    "left": {"a pivot table": '''
def promised_and_left(table):
    "Models by countermeasures."
    grid = table[table.role == "unauthorized"].pivot(index="model", columns="countermeasure", values="protected")
    return (1 - grid["none"]).mean(), (1 - grid).min(axis=1).mean()
'''},
}
