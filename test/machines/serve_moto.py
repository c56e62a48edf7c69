"""The project's own launcher of moto, with the patches that machines need. Arguments: folder, port, region."""

import pathlib
import sys

local = pathlib.Path(__file__).resolve().parents[2] / "cluster/local"
sys.path[:0] = [str(local), str(local / "machines")]

import moto_as_aws  # noqa: E402
import moto_machines  # noqa: E402

moto_machines.patch()
moto_as_aws.main(*sys.argv[1:])
