kube-up-masquerade:
  service.running:
    - enable: True
    - watch:
        - file: /etc/kube-up/masquerade.nft
        - file: /etc/systemd/system/kube-up-masquerade.service
