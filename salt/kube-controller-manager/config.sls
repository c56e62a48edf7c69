{%- from 'map.jinja' import kube with context %}
include:
  - kube-controller-manager.install
  - kube-apiserver.ready

/etc/kubernetes/controller-manager.conf:
  file.managed:
    - source: salt://kubelet/files/kubeconfig
    - template: jinja
    - mode: '0600'
    - show_changes: False
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
        user: controller-manager

/etc/kubernetes/manifests/kube-controller-manager.yaml:
  file.managed:
    - source: salt://kube-controller-manager/files/kube-controller-manager.yaml
    - template: jinja
    - makedirs: True
    - mode: '0600'
    - context:
        kube: {{ kube | json }}
    - require:
        - sls: kube-controller-manager.install
        - cmd: api-ready
        - file: /etc/kubernetes/controller-manager.conf
