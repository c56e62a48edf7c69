kube-proxy:
  service.running:
    - enable: True
    - watch:
        - file: /etc/kubernetes/kube-proxy.conf
        - file: /etc/kubernetes/kube-proxy.yaml
        - file: /etc/systemd/system/kube-proxy.service
    - require:
        - sls: base
        - sls: kube-proxy.install
