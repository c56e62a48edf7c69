# Chooses a node for each pod.
include:
  - kube-scheduler.install
  - kube-scheduler.config
