{%- from 'map.jinja' import kube with context %}
{%- for name in ['etcd', 'etcdctl'] %}
{{ kube.bin }}/{{ name }}:
  file.symlink:
    - target: {{ kube.release }}/bin/{{ name }}
    - force: True
{%- endfor %}

etcd-user:
  group.present:
    - name: etcd
    - gid: {{ kube.etcdUser }}
  user.present:
    - name: etcd
    - uid: {{ kube.etcdUser }}
    - gid: {{ kube.etcdUser }}
    - home: {{ kube.etcdData }}
    - createhome: False
    - shell: /usr/sbin/nologin
    - require:
        - group: etcd-user
