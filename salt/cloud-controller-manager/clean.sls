cloud-controller-manager-removed:
  cmd.run:
    - name: kubectl --kubeconfig /etc/kubernetes/admin.conf delete --ignore-not-found -f /etc/kubernetes/addons/cloud-controller-manager.yaml
    - onlyif:
        - test -e /etc/kubernetes/addons/cloud-controller-manager.yaml
  file.absent:
    - name: /etc/kubernetes/addons/cloud-controller-manager.yaml
