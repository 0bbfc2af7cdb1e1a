"""Lab 3: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "bytes": {
        "truncated": ("(x * 255).round().clamp(0, 255)", "(x * 255).clamp(0, 255)"),
        "not clamped": (".clamp(0, 255).byte()", ".int().numpy().astype(np.uint8)"),
    },
    "change": {
        "uint8 wraps around": (".astype(int)", ""),
        "brighter values only": ("np.abs(b - a).max()", "(b - a).max()"),
    },
    "audit": {
        "the budget itself is reported": ("> eps255", ">= eps255"),
        "the mean in place of the largest": ("linf255(originals / file.name, file)",
                                             "(read(file) - read(originals / file.name)).abs().mean() * 255"),
    },
    "jpeg": {
        "the quality is not passed on": ("\"JPEG\", quality=quality", "\"JPEG\""),
        "the model's own prediction as the label": (".argmax(1) == y)", ".argmax(1) == model(x).argmax(1))"),
    },
    "through": {
        "the rounded value alone": ("return x + (rounded - x).detach()", "return rounded"),
        "all of it detached": ("x + (rounded - x).detach()", "(x + (rounded - x)).detach()"),
    },
    "kept": {
        "the share of all images": ("k, n = int((before & now).sum()), int(before.sum())", "k, n = int(now.sum()), len(y)"),
        "the protected images are not edited": ("before, now = correct(x), correct(x_star)",
                                                 "before, now = correct(x), model(x_star).argmax(1) == y"),
    },
}
RIGHT = {
    "bytes": {"with numpy, in double precision": '''
def to_bytes(x):
    "numpy rounds, and clips."
    return np.clip(np.rint(np.asarray(x.detach(), dtype=np.float64) * 255), 0, 255).astype(np.uint8)
'''},
    "change": {"as floats, rounded": '''
def largest_difference(original, protected):
    "The package reads; 255 steps again."
    difference = read(protected).double() - read(original).double()
    return round(255 * max(difference.max().item(), -difference.min().item()))
'''},
    "audit": {"a loop over os.listdir, in numpy": '''
def over_budget(originals, protected, eps255):
    "File by file."
    import os
    bad = set()
    for name in os.listdir(protected):
        with Image.open(os.path.join(originals, name)) as a, Image.open(os.path.join(protected, name)) as b:
            gap = np.array(a).astype(np.int16) - np.array(b).astype(np.int16)
        if (np.abs(gap) > eps255).any():
            bad.add(name)
    return sorted(bad)
'''},
    "jpeg": {"by the package, image by image": '''
def accuracy_after_jpeg(model, x, y, quality):
    "Counted in a loop."
    right = 0
    for image, label in zip(x, y.tolist()):
        right += int(model(apply_edit(image, f"jpeg{quality}")[None]).argmax()) == label
    return right / len(y)
'''},
    "through": {"a function of its own": '''
class _Round(torch.autograd.Function):
    "Rounds forward; the identity backward."

    @staticmethod
    def forward(ctx, x):
        return torch.round(255 * x) / 255

    @staticmethod
    def backward(ctx, grad):
        return grad


def round_through(x):
    "With torch.autograd.Function."
    return _Round.apply(x)
'''},
    "kept": {"a list of those that were asked about": '''
def kept_after(model, x, x_star, y, edit):
    "Image by image."
    answers = []
    for original, protected, label in zip(x, x_star, y):
        if model(apply_edit(original, edit)[None]).argmax() == label:
            answers.append(bool(model(apply_edit(protected, edit)[None]).argmax() == label))
    low, high = wilson(sum(answers), len(answers))
    return Estimate(np.mean(answers), low, high, len(answers))
'''},
}
