{%- from 'map.jinja' import kube with context %}
include:
  - kube-scheduler.install
  - kube-apiserver.ready

/etc/kubernetes/scheduler.conf:
  file.managed:
    - source: salt://kubelet/files/kubeconfig
    - template: jinja
    - mode: '0600'
    - show_changes: False
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
        user: scheduler

/etc/kubernetes/manifests/kube-scheduler.yaml:
  file.managed:
    - source: salt://kube-scheduler/files/kube-scheduler.yaml
    - template: jinja
    - makedirs: True
    - mode: '0600'
    - context:
        kube: {{ kube | json }}
    - require:
        - sls: kube-scheduler.install
        - cmd: api-ready
        - file: /etc/kubernetes/scheduler.conf
