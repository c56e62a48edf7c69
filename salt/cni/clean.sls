masquerade-stopped:
  service.dead:
    - name: kube-up-masquerade
    - enable: False

cni-removed:
  file.absent:
    - names:
        - /etc/systemd/system/kube-up-masquerade.service
        - /etc/kube-up/masquerade.nft
        - /etc/containerd/cni.json.template
        - /etc/cni/net.d
        - /opt/cni/bin
    - require:
        - service: masquerade-stopped
