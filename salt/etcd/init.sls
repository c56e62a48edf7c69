# Holds every object of the cluster, on the master's volume. It listens on the loopback alone, and still demands a certificate.
include:
  - etcd.install
  - etcd.config
  - etcd.service
