{%- from 'map.jinja' import kube with context %}
{{ kube.etcdData }}:
  file.directory:
    - user: etcd
    - group: etcd
    - mode: '0700'
    - require:
        - user: etcd-user

/etc/systemd/system/etcd.service:
  file.managed:
    - source: salt://etcd/files/etcd.service
    - template: jinja
    - context:
        data: {{ kube.etcdData }}
        pki: {{ kube.pki }}
        identity: {{ kube.identity }}
