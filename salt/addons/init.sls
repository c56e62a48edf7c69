# What runs in the cluster for the cluster. Each is a file of manifests; one script makes the API hold what they say.
include:
  - cloud-controller-manager
  - addons.install
  - addons.config
  - addons.service
