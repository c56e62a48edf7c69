# Runs the node's pods; on the master the control plane is among them.
include:
  - kubelet.install
  - kubelet.config
  - kubelet.service
