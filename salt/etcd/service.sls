etcd:
  service.running:
    - enable: True
    - watch:
        - file: /etc/systemd/system/etcd.service
    - require:
        - sls: etcd.install
        - sls: etcd.config
