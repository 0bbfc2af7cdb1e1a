"""Lab 2: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "distortion": {
        "mean over the whole batch": ("return (f_star - f).square().flatten(1).mean(1)", "return F.mse_loss(f_star, f)"),
        "sum in place of the mean": (".mean(1)", ".sum(1)"),
    },
    "preservation": {
        "softmax before the cross-entropy": ("cross_entropy(logits,", "cross_entropy(logits.softmax(1),"),
        "the label's logit, negative": ("F.cross_entropy(logits, y, reduction=\"none\")", "-logits.gather(1, y[:, None])[:, 0]"),
    },
    "step": {
        "down instead of up": ("+ alpha", "- alpha"),
        "sign forgotten": ("grad.sign()", "grad"),
    },
    "project": {
        "no projection": ("x_star.clamp(x - eps, x + eps).clamp(0, 1)", "x_star.clamp(0, 1)"),
        "distance from zero": ("x_star.clamp(x - eps, x + eps)", "x_star.clamp(-eps, eps)"),
    },
    "best": {
        "one step for all images": ("distortions.masked_fill(~correct, -torch.inf).argmax(0)",
                                    "distortions.mean(1).masked_fill(~correct.all(1), -torch.inf).argmax(0).expand(len(x))"),
        "no original where nothing is correct": ("torch.where(correct.any(0)[:, None, None, None], best, x)", "best"),
    },
    "fmd": {
        "one λ for all photos": ("(loss.detach() - limit)", "(loss.detach().mean() - limit)"),
        "λ below zero": (".clamp(min=0)", ""),
    },
    "half": {
        "half of the mean over the images": ("history[-1] / 2", "history[-1].mean() / 2"),
        "standard deviation for the standard error": ("first.std() / len(first) ** 0.5", "first.std()"),
    },
}
RIGHT = {
    "distortion": {"a loop over the images, in double precision": '''
def distortion(f, f_star):
    "Image by image."
    values = []
    for a, b in zip(f.double(), f_star.double()):
        values.append(((a - b) ** 2).sum() / a.numel())
    return torch.stack(values)
'''},
    "preservation": {"from its definition": '''
def preservation(logits, y):
    "log of the sum minus the label's logit."
    return torch.logsumexp(logits, dim=1) - logits[torch.arange(len(y)), y]
'''},
    "step": {"backward instead of autograd.grad": '''
def step(objective, x_star, alpha):
    "With .backward()."
    q = torch.clone(x_star.detach())
    q.requires_grad = True
    loss = -objective(q).sum()
    loss.backward()
    with torch.no_grad():
        return x_star - torch.sign(q.grad) * alpha
'''},
    "project": {"the perturbation is clamped, in double precision": '''
def project(x_star, x, eps):
    "Clamp the perturbation."
    perturbation = (x_star.double() - x.double()).clip(min=-eps, max=eps)
    return (x.double() + perturbation).clip(0, 1).float()
'''},
    "best": {"two loops": '''
def best_iterate(distortions, correct, iterates, x):
    "Image by image, step by step."
    out = []
    for i in range(len(x)):
        best, value = x[i], None
        for k in range(len(iterates)):
            if correct[k][i] and (value is None or distortions[k][i] > value):
                best, value = iterates[k][i], distortions[k][i]
        out.append(best)
    return torch.stack(out)
'''},
    "fmd": {"one photo at a time, two gradients, a running price": '''
def my_fmd(model, x, y, layer, eps=16 / 255, alpha=4 / 255, steps=100, lam=1.0, seed=0, rate=1.0, limit=log(2)):
    "Each photo alone."
    starts, images, histories, prices = random_start(x, eps, seed), [], [], []
    for i in range(len(x)):
        original, star, label = x[i : i + 1], starts[i : i + 1], y[i : i + 1]
        target = forward(model, original, [layer])[1][layer].detach()
        best, largest, values, price = original[0], 0.0, [], [lam]
        for k in range(steps + 1):
            q = (star * 255).round() / 255
            q.requires_grad_(True)
            logits, maps = forward(model, q, [layer])
            d = ((maps[layer] - target) ** 2).mean()
            loss = F.cross_entropy(logits, label)
            values.append(d.item())
            if logits.argmax().item() == label.item() and d.item() > largest:
                best, largest = q.detach()[0], d.item()
            if k == steps:
                break
            up = torch.autograd.grad(d, q, retain_graph=True)[0] - price[-1] * torch.autograd.grad(loss, q)[0]
            star = torch.minimum(torch.maximum(star + alpha * up.sign(), original - eps), original + eps).clamp(0, 1)
            price.append(max(0.0, price[-1] + rate * (loss.item() - limit)))
        images.append(best)
        histories.append(torch.tensor(values))
        prices.append(torch.tensor(price))
    return torch.stack(images), torch.stack(histories, 1), torch.stack(prices, 1)
'''},
    "half": {"with numpy": '''
def steps_to_half(history):
    "In numpy."
    import numpy as np
    h = np.asarray(history, dtype=float)
    first = [int(np.nonzero(column >= column[-1] / 2)[0][0]) for column in h.T]
    error = np.std(first, ddof=1) / np.sqrt(len(first))
    return Estimate(np.mean(first), np.mean(first) - 1.96 * error, np.mean(first) + 1.96 * error, len(first))
'''},
}
