"""Pictures made from seeds."""
import torch

from fmd_nb.images.files import to_8bit


def smooth(n: int, h: int = 24, w: int = 30) -> torch.Tensor:
    """Smooth random images, on the 8-bit grid."""
    small = torch.rand(n, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    return to_8bit(torch.nn.functional.interpolate(small, (h, w), mode="bicubic").clamp(0, 1))


def noise_image(seed: int, size: tuple[int, int], grid: bool = True) -> torch.Tensor:
    """Uniform random pixels, on the 8-bit grid unless told otherwise."""
    x = torch.rand(3, *size, generator=torch.Generator().manual_seed(seed))
    return to_8bit(x) if grid else x
