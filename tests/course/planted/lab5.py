"""Lab 5: what students get wrong, and right answers written differently. A pair replaces a part of the solution."""
WRONG = {
    "gradcam": {
        "the predicted class is explained": ("logits.gather(1, y[:, None])", "logits.amax(1)"),
        "gradients not averaged over positions": ("grads.mean((2, 3), keepdim=True)", "grads"),
    },
    "integrated": {
        "the path starts at black": ("(baseline + a * (x - baseline))", "(a * x)"),
        "no factor of the difference": ("(x - baseline) * (total / steps)", "total / steps"),
    },
    "scale": {
        "each map by its own maximum": ("max(top, 1e-12)", "max(torch.quantile(m, 0.995).item(), 1e-12)"),
        "the minimum becomes 0": ("(m / max(top, 1e-12))", "((m - m.min()) / max(top - m.min().item(), 1e-12))"),
    },
    "overlap": {
        "threshold by value": ("m.flatten().topk(k).indices", "(m.flatten() >= (1 - share) * m.max()).nonzero()[:, 0]"),
        "the sum in place of the union": ("len(hot_a | hot_b)", "(len(hot_a) + len(hot_b))"),
    },
    "shift": {
        "the predicted class is explained": ("explain(model, image, int(y[i]))", "explain(model, image, model(image[None]).argmax().item())"),
        "unpaired interval": ("difference.std()", "(with_noise.var() + protected.var()).sqrt()"),
    },
}
RIGHT = {
    "gradcam": {"one image at a time, with Captum": '''
def grad_cam(model, layer, x, y):
    "Captum's map, without its gradients."
    found = []
    for image, label in zip(x, y):
        leaf = image[None].clone().requires_grad_()
        made = LayerGradCam(model, model.net.get_submodule(layer)).attribute(leaf, target=label.item(), relu_attributions=True)
        found.append(made.detach()[0, 0])
    return torch.stack(found)
'''},
    "integrated": {"all points of the path as one batch": '''
def integrated(model, x, y, baseline, steps=32):
    "Image by image."
    out = []
    for image, label, start in zip(x, y, baseline):
        share = (torch.arange(steps) + 0.5) / steps
        path = torch.lerp(start[None], image[None], share.view(-1, 1, 1, 1)).requires_grad_()
        model(path)[:, label].sum().backward()
        out.append((image - start) * path.grad.mean(0))
    return torch.stack(out)
'''},
    "scale": {"with numpy": '''
def one_scale(maps):
    "numpy arrays."
    import numpy as np
    top = np.max([np.quantile(np.asarray(m), 0.995) for m in maps])
    if top == 0:
        return [np.zeros(m.shape) for m in maps]
    return [np.minimum(np.asarray(m) / top, 1) for m in maps]
'''},
    "overlap": {"sorted, with masks": '''
def overlap(a, b, share=0.2):
    "Masks from the order of the cells."
    import numpy as np
    masks = []
    for m in (a, b):
        flat = np.asarray(m, dtype=float).ravel()
        mask = np.zeros(flat.size, bool)
        mask[np.argsort(flat)[flat.size - int(share * flat.size + 0.5):]] = True
        masks.append(mask)
    return np.logical_and(*masks).sum() / np.logical_or(*masks).sum()
'''},
    "shift": {"with numpy, a list of differences": '''
def extra_shift(explain, model, x, x_noise, x_star, y):
    "Differences first."
    import numpy as np
    d = []
    for original, noisy, protected, label in zip(x, x_noise, x_star, y.tolist()):
        base = explain(model, original, label)
        d.append(map_shift(base, explain(model, noisy, label))["iou"] - map_shift(base, explain(model, protected, label))["iou"])
    half = 1.96 * np.std(d, ddof=1) / np.sqrt(len(d))
    return Estimate(float(np.mean(d)), float(np.mean(d) - half), float(np.mean(d) + half), len(d))
'''},
}
