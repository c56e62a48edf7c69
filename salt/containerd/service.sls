containerd:
  service.running:
    - enable: True
    - watch:
        - file: /etc/containerd/config.toml
        - file: /etc/containerd/cni.json.template
        - file: /etc/systemd/system/containerd.service
    - require:
        - sls: containerd.install
