# The kubelet stops what it no longer finds here.
kube-apiserver-removed:
  file.absent:
    - names:
        - /etc/kubernetes/manifests/kube-apiserver.yaml
        - /etc/kubernetes/apiserver
