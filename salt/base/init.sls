# What Kubernetes expects of the machine itself.
include:
  - base.config
