# Runs the containers, with runc, for the kubelet.
include:
  - containerd.install
  - containerd.config
  - containerd.service
