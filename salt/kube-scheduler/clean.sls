# The kubelet stops what it no longer finds here.
kube-scheduler-removed:
  file.absent:
    - names:
        - /etc/kubernetes/manifests/kube-scheduler.yaml
        - /etc/kubernetes/scheduler.conf
