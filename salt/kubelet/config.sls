{%- from 'map.jinja' import kube with context %}
{%- if kube.role == 'master' %}
# The master runs the API that would have to grant it a certificate, and has the authority's key: it signs the first one
# itself. Those after it the kubelet asks for, as every node does.
/etc/kube-up/first-certificate:
  file.managed:
    - source: salt://kubelet/files/first-certificate.sh
    - mode: '0700'
  cmd.run:
    - name: /etc/kube-up/first-certificate {{ kube.pki }} {{ kube.node }}
    - creates: /var/lib/kubelet/pki/kubelet-client-current.pem
    - require:
        - file: /etc/kube-up/first-certificate
    - require_in:
        - service: kubelet

/var/lib/kubelet/kubeconfig:
  file.managed:
    - source: salt://kube-proxy/files/kube-proxy.conf
    - template: jinja
    - makedirs: True
    - mode: '0600'
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
    - require_in:
        - service: kubelet
{%- else %}
# A node asks for its certificate with the token that every node is given.
/etc/kubernetes/bootstrap-kubelet.conf:
  file.managed:
    - source: salt://kubelet/files/bootstrap-kubelet.conf
    - template: jinja
    - mode: '0600'
    - show_changes: False
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
    - require_in:
        - service: kubelet

/etc/kube-up/joining-kubelet:
  file.managed:
    - source: salt://kubelet/files/joining-kubelet.sh
    - template: jinja
    - mode: '0700'
    - context:
        server: {{ kube.apiserver }}
        pki: {{ kube.pki }}
    - require_in:
        - service: kubelet
{%- endif %}

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
        role: {{ kube.role }}
        nodeName: {{ kube.node }}
        address: {{ kube.address }}
