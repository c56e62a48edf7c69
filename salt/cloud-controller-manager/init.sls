# Speaks to AWS for the cluster: addresses and zones of nodes, routes to their pods, load balancers.
include:
  - cloud-controller-manager.install
  - cloud-controller-manager.config
