{%- from 'map.jinja' import kube with context %}
include:
  - kube-apiserver.install

/etc/kubernetes/apiserver:
  file.directory:
    - mode: '0700'

/etc/kubernetes/apiserver/authentication.yaml:
  file.managed:
    - source: salt://kube-apiserver/files/authentication.yaml

/etc/kubernetes/apiserver/audit.yaml:
  file.managed:
    - source: salt://kube-apiserver/files/audit.yaml

/etc/kubernetes/apiserver/encryption.yaml:
  file.managed:
    - source: salt://kube-apiserver/files/encryption.yaml
    - template: jinja
    - mode: '0600'
    - show_changes: False
    - context:
        pki: {{ kube.pki }}

/var/log/kubernetes:
  file.directory:
    - mode: '0700'

/etc/kubernetes/manifests/kube-apiserver.yaml:
  file.managed:
    - source: salt://kube-apiserver/files/kube-apiserver.yaml
    - template: jinja
    - makedirs: True
    - mode: '0600'
    - context:
        kube: {{ kube | json }}
    - require:
        - sls: kube-apiserver.install
        - file: /etc/kubernetes/apiserver/authentication.yaml
        - file: /etc/kubernetes/apiserver/audit.yaml
        - file: /etc/kubernetes/apiserver/encryption.yaml
        - file: /var/log/kubernetes
