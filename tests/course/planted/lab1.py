"""Lab 1: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "map": {
        "the hook is left on the module": ("handle.remove()", "pass"),
        "the module's input in place of its output": ("found.append(output)", "found.append(_inputs[0])"),
    },
    "shapes": {
        "the order of named_modules": ("return found", "return [(name, dict(found)[name]) for name, _ in net.named_modules() if name in dict(found)]"),
        "the batch is part of the shape": ("output.shape[1:]", "output.shape"),
    },
    "moved": {
        "not relative": (" / before.flatten(1).norm(dim=1)", ""),
        "the norm over the batch": ("(after - before).flatten(1).norm(dim=1) / before.flatten(1).norm(dim=1)",
                                    "((after - before).norm() / before.norm()).expand(len(x))"),
    },
    "reach": {
        "the given images are changed": ("edited = x.clone()", "edited = x"),
        "the share of values in place of positions": ("moved.any(1).float()", "moved.float()"),
    },
    "tells": {
        "tested on the training faces": '''
def nearest_mean_accuracy(train, train_y, test, test_y):
    "Accuracy on the faces that the means are from."
    classes = train_y.unique()
    means = torch.stack([train[train_y == k].mean(0) for k in classes])
    predicted = classes[torch.cdist(train, means).argmin(1)]
    correct = (predicted == train_y).sum().item()
    return Estimate(correct / len(train_y), *wilson(correct, len(train_y)), len(train_y))
''',
        "the interval of all faces": ("*wilson(correct, len(test_y)), len(test_y))", "*wilson(correct, len(train_y) + len(test_y)), len(train_y) + len(test_y))"),
    },
}
RIGHT = {
    "map": {"a named hook, and a dictionary": '''
def feature_map(model, layer, x):
    "The module is looked up by hand."
    module = dict(model.named_modules())["net." + layer]
    kept = {}

    def hook(_, args, out):
        kept["map"] = out

    h = module.register_forward_hook(hook)
    try:
        model.forward(x)
        return kept["map"]
    finally:
        h.remove()
'''},
    "shapes": {"partial and a global hook": '''
def output_shapes(net, x):
    "One hook for all modules."
    from torch.nn.modules.module import register_module_forward_hook
    names = {module: name for name, module in net.named_modules()}
    rows = []

    def hook(module, args, out):
        if names.get(module):
            rows.append([names[module], torch.Size(list(out.shape)[1:])])

    handle = register_module_forward_hook(hook)
    try:
        net(x)
    finally:
        handle.remove()
    return rows
'''},
    "moved": {"a loop over the images, in numpy": '''
def relative_change(model, layer, x, x_edited):
    "Image by image."
    import numpy as np
    values = []
    for one, other in zip(x, x_edited):
        a = features(model, one[None], [layer])[layer].detach().numpy().astype(np.float64)
        b = features(model, other[None], [layer])[layer].detach().numpy().astype(np.float64)
        values.append(np.sqrt(np.sum((b - a) ** 2)) / np.sqrt(np.sum(a**2)))
    return torch.tensor(values)
'''},
    "reach": {"forward, one image at a time, and a mask": '''
def share_moved(model, layer, x, rows, cols, tolerance=1e-3):
    "Image by image."
    mask = torch.zeros(x.shape[-2:], dtype=torch.bool)
    mask[rows, cols] = True
    out = []
    for image in x:
        other = torch.where(mask, 1 - image, image)
        a, b = (forward(model, q[None], [layer])[1][layer][0].double() for q in (image, other))
        most = torch.linalg.vector_norm(b - a, ord=float("inf"), dim=0)
        out.append((most > tolerance * a.abs().max()).double().mean())
    return torch.stack(out)
'''},
    "tells": {"loops, in numpy": '''
def nearest_mean_accuracy(train, train_y, test, test_y):
    "Face by face."
    import numpy as np
    train, test = np.asarray(train, dtype=float), np.asarray(test, dtype=float)
    y, wanted = np.asarray(train_y), np.asarray(test_y)
    means = {int(k): train[y == k].mean(axis=0) for k in np.unique(y)}
    right = 0
    for row, label in zip(test, wanted):
        guess = min(means, key=lambda k: ((row - means[k]) ** 2).sum())
        right += guess == label
    low, high = wilson(right, len(wanted))
    return Estimate(right / len(wanted), low, high, len(wanted))
'''},
}
