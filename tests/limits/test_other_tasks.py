"""Networks of other tasks."""
import pytest

from fmd_nb.limits.other_tasks import cross_task
from fmd_nb.models.classifier import predict_logits
from fmd_nb.support.errors import InputError
from tests.support.pictures import smooth


def test_other_tasks(tiny):
    x = smooth(4)
    y = predict_logits(tiny, x).argmax(1).tolist()
    stars = {"letters": x, "other": x}
    table = cross_task(x, stars, {"letters": [tiny]}, {"letters": y}, authorized={"letters": "tiny"})
    assert table.protected.tolist() == [1, 1] and table.role.tolist() == ["authorized", "unauthorized"]
    with pytest.raises(InputError, match="no labels for letters"):
        cross_task(x, {"letters": x}, {"letters": [tiny]}, {"age": y})
