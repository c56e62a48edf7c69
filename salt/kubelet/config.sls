{%- from 'map.jinja' import kube with context %}
# A node asks for its certificate with the token that every node is given; the master, which has better, asks as the admin.
/etc/kubernetes/bootstrap-kubelet.conf:
  file.managed:
{%- if kube.role == 'master' %}
    - source: salt://kubelet/files/kubeconfig
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
        user: admin
{%- else %}
    - source: salt://kubelet/files/bootstrap-kubelet.conf
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
{%- endif %}
    - template: jinja
    - mode: '0600'
    - show_changes: False

/etc/kubernetes/kubelet.yaml:
  file.managed:
    - source: salt://kubelet/files/kubelet.yaml
    - template: jinja
    - context:
        kube: {{ kube | json }}

/etc/systemd/system/kubelet.service:
  file.managed:
    - source: salt://kubelet/files/kubelet.service
    - template: jinja
    - context:
        nodeName: {{ kube.node }}
        address: {{ kube.address }}
