"""moto's server with the machines' patches: what the suite starts when no launcher of the project's does it."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cluster/local/machines"))

from moto.server import main  # noqa: E402
from moto_machines import patch  # noqa: E402

patch()
main(["-H", "127.0.0.1", "-p", sys.argv[1]])
