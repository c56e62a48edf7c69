{%- from 'map.jinja' import kube with context %}
# The data stays: it is the cluster.
etcd-stopped:
  service.dead:
    - name: etcd
    - enable: False

etcd-removed:
  file.absent:
    - names:
        - /etc/systemd/system/etcd.service
        - {{ kube.bin }}/etcd
        - {{ kube.bin }}/etcdctl
    - require:
        - service: etcd-stopped
