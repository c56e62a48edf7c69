# The pods' network as kubenet made it: a link for each pod, addresses from the node's own range, routes in the VPC.
include:
  - cni.install
  - cni.config
  - cni.service
