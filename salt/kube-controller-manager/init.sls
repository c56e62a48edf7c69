# The controllers that need no cloud, the nodes' address ranges and the approval of their certificates among them.
include:
  - kube-controller-manager.install
  - kube-controller-manager.config
