# The kubelet stops what it no longer finds here.
kube-controller-manager-removed:
  file.absent:
    - names:
        - /etc/kubernetes/manifests/kube-controller-manager.yaml
        - /etc/kubernetes/controller-manager.conf
