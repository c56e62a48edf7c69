# Makes the addresses of services lead to pods. It runs beside the kubelet and with its certificate, not as a pod: a node
# then needs no image of its own before it is Ready, and the rules are made by the machine's own nft.
include:
  - kube-proxy.install
  - kube-proxy.config
  - kube-proxy.service
