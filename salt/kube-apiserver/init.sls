# The API: the only one that talks to etcd, and whom all others talk to.
include:
  - kube-apiserver.install
  - kube-apiserver.config
