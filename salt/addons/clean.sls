addons-removed:
  file.absent:
    - names:
        - /etc/kubernetes/addons
        - /etc/kube-up/apply-addons
        - /etc/kubernetes/admin.conf
