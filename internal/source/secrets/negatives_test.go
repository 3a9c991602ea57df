package secrets

import "testing"

type negative struct {
	name     string
	manifest string
}

// object is a custom resource with that spec.
func object(spec string) string {
	return "apiVersion: example.test/v1\nkind: Thing\nmetadata: {name: t}\nspec: " + spec + "\n"
}

var negatives = []negative{
	// references
	{"secretKeyRef", "kind: Pod\nspec: {containers: [{name: app, env: [{name: DB_SECRET, valueFrom: {secretKeyRef: {name: db, key: password}}}]}]}\n"},
	{"secretKeyRef with a hash in the name", "kind: Pod\nspec: {containers: [{name: app, env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web-token-2f9c41d7aa, key: api-token}}}]}]}\n"},
	{"envFrom", "kind: Pod\nspec: {containers: [{name: app, envFrom: [{secretRef: {name: db-credentials}}]}]}\n"},
	{"tls of an ingress", "apiVersion: networking.k8s.io/v1\nkind: Ingress\nspec: {tls: [{hosts: [web.example.test], secretName: hello-web-cert-2f9c41d7aa}]}\n"},
	{"secret volume", "kind: Pod\nspec: {volumes: [{name: s, secret: {secretName: db-password, items: [{key: password, path: db/password}]}}, {name: t, projected: {sources: [{serviceAccountToken: {path: token, audience: vault}}]}}]}\n"},
	{"pull secrets", "kind: ServiceAccount\napiVersion: v1\nsecrets: [{name: builder-token-x8f2k}]\nimagePullSecrets: [{name: builder-dockercfg-x8f2k}]\n"},
	{"name of a secret in a custom field", object("{secret: osp-secret, passwordSecret: db-credentials, tlsSecret: web-tls, credentials: s3-creds, tokenSecretName: my-token}")},
	{"selectors of passwords", object("{passwordSelectors: {service: BarbicanPassword}, passwordKey: postgres-password, secretKey: db-password}")},
	{"keys in a named secret", object("{authentication: {passwordSecret: {secretName: user, password: user.password}}}")},
	{"external secret", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef: {name: vault}\n  target: {name: boot, template: {data: {token: '{{ .token }}', res.yaml: \"apiVersion: v1\\nkind: Secret\\nmetadata:\\n  name: t\\nstringData:\\n  token: \\\"{{ .token }}\\\"\\n\"}}}\n  data: [{secretKey: password, remoteRef: {key: shop/prod/db, property: password}}, {secretKey: secret, remoteRef: {key: a, property: secret-key}}]\n"},
	{"sealed secret", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {encryptedData: {password: §SEALED§}, template: {metadata: {name: db}}}\n"},
	{"sealed secret, old form", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec: {data: §BIG§}\n"},
	{"secret", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ndata: {password: §PWB64§}\nstringData: {token: §PW§}\n"},
	{"list of secrets", "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, data: {password: §PWB64§}}\n"},
	{"secret provider class", "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nspec:\n  parameters:\n    objects: |\n      - objectName: db-password\n        secretPath: secret/data/shop\n        secretKey: password\n  secretObjects: [{secretName: db, type: Opaque, data: [{objectName: db-password, key: password}]}]\n"},
	{"certificate of cert-manager", "apiVersion: cert-manager.io/v1\nkind: Certificate\nspec: {secretName: web-tls, privateKey: {algorithm: ECDSA, size: 256, rotationPolicy: Always}, keystores: {jks: {create: true, passwordSecretRef: {name: jks, key: password}}}}\n"},
	{"file of a password", env("DB_PASSWORD_FILE", "/run/secrets/db-password")},
	{"path under the noun", env("DB_PASSWORD", "/run/secrets/db-password")},
	{"name of a secret", env("TLS_SECRET_NAME", "hello-web-cert-2f9c41d7aa")},
	{"name of a secret without NAME", env("WEBHOOK_SECRET", "webhook-server-cert")},
	{"token's address", env("TOKEN_URL", "https://login.example.test/oauth2/token")},
	{"secret key ref", env("SECRET_KEY_REF", "db/password")},
	{"id of a key", env("SIGNING_KEY_ID", "§HEX32§")},
	{"vault", env("DB_PASSWORD", `"vault:secret/data/shop#password"`)},
	{"ref+", env("DB_PASSWORD", `"ref+vault://shop/db#/password"`)},
	{"1password", env("DB_PASSWORD", "op://shop/db/password")},
	{"secrets manager", env("DB_SECRET", "arn:aws:secretsmanager:eu-west-3:123456789012:secret:shop-AbCdEf")},
	{"sops", env("DB_PASSWORD", `"ENC[AES256_GCM,data:§HEX32§,iv:§HEX32§=,tag:§HEX32§==,type:str]"`)},
	{"google secret", env("DB_PASSWORD", "projects/123456/secrets/db/versions/latest")},
	{"argocd-vault-plugin", env("DB_PASSWORD", `"<path:secret/data/shop#password>"`)},
	{"annotations that name secrets", "kind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/auth-secret: shop/basic-auth\n    nginx.ingress.kubernetes.io/auth-tls-secret: shop/ca-2f9c41d7aa\n    vault.hashicorp.com/agent-inject-secret-db: secret/data/shop\n    vault.hashicorp.com/agent-inject-template-db: |\n      {{- with secret \"secret/data/shop\" -}}\n      export DB_PASSWORD=\"{{ .Data.data.password }}\"\n      {{- end }}\n    vault.hashicorp.com/agent-inject-token: \"true\"\n"},
	{"storage class", "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nparameters: {csi.storage.k8s.io/provisioner-secret-name: rook-csi-rbd-provisioner, csi.storage.k8s.io/provisioner-secret-namespace: openshift-storage}\n"},

	// placeholders
	{"expansion", env("APP_PASSWORD", "$(PASSWORD)")},
	{"shell's expansion", env("APP_PASSWORD", `"${DB_PASSWORD:-}"`)},
	{"expansion in an address", env("DATABASE_URL", "postgres://$(DB_USER):$(DB_PASSWORD)@db:5432/shop")},
	{"template", env("APP_PASSWORD", `"{{ .Values.password }}"`)},
	{"angle brackets", env("API_KEY", `"<your-api-key>"`)},
	{"percent signs", env("API_KEY", `"%API_KEY%"`)},
	{"REPLACE_ME", env("DB_PASSWORD", "REPLACE_ME")},
	{"stars", env("DB_PASSWORD", `"********"`)},
	{"xxx", env("API_TOKEN", "xxxxxxxxxxxx")},
	{"masked in part", env("API_TOKEN", "ghp"+"_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx")},
	{"REDACTED", env("DB_PASSWORD", `"[REDACTED]"`)},
	{"REMOVED", env("DB_PASSWORD", `"***REMOVED***"`)},
	{"your password here", env("DB_PASSWORD", "your-password-here")},
	{"in french", env("DB_PASSWORD", "à-remplacer")},
	{"your french password", env("MOT_DE_PASSE", "votre_mot_de_passe")},
	{"constant", env("GOOGLE_API_KEY", "GOOGLE_API_KEY_VAL")},
	{"constant as password", env("DB_PASSWORD", "DB_PASSWORD_VAL")},
	{"empty", env("DB_PASSWORD", `""`)},
	{"template parameter that is generated", "apiVersion: template.openshift.io/v1\nkind: Template\nparameters: [{name: DB_PASSWORD, generate: expression, from: '[a-zA-Z0-9]{16}'}]\nobjects: [{apiVersion: v1, kind: Secret, stringData: {password: '${DB_PASSWORD}'}}]\nmessage: 'The password is ${DB_PASSWORD}'\n"},
	{"option with variable", args("app", `"--password=$(DB_PASSWORD)", --token, "$(TOKEN)"`)},
	{"script with variables", script("export TOKEN=$(cat /run/secrets/token)\nPGPASSWORD=\"$DB_PASSWORD\" psql\nmysql -uroot -p\"$MYSQL_ROOT_PASSWORD\"\ncurl -u \"$USER:$PASS\" -H \"Authorization: Bearer ${TOKEN}\" https://api.example.test\nread -s PASSWORD")},

	// names and settings
	{"policy", env("PASSWORD_POLICY", "strict-12-chars")},
	{"expiry", env("TOKEN_EXPIRY", "3600s")},
	{"ttl", env("TOKEN_TTL", "24h")},
	{"length", env("PASSWORD_MIN_LENGTH", `"12"`)},
	{"mode", env("AUTH_MODE", "oauth2-proxy-1")},
	{"auth", env("AUTH", "basic")},
	{"auth with port", env("AUTH", "auth-service:8080")},
	{"enabled", env("TOKEN_ENABLED", `"true"`)},
	{"boolean", env("REQUIRE_PASSWORD", `"false"`)},
	{"header", env("TOKEN_HEADER", "X-Auth-Token-2024a1b2")},
	{"working directory", env("PWD", "/opt/app")},
	{"hasher", env("PASSWORD_ENCODER", "§HEX10§x9")},
	{"limit of tokens", env("MAX_TOKENS", `"4096"`)},
	{"number of seconds", env("TOKEN", `"3600"`)},
	{"authorization mode", args("kube-apiserver", `"--authorization-mode=Node,RBAC", "--token-auth-file=/etc/tokens.csv", "--service-account-signing-key-file=/etc/sa.key", "--tls-private-key-file=/etc/tls/tls.key", "--oidc-client-id=shop"`)},
	{"names as options", args("controller", `"--default-ssl-certificate=shop/web-tls", "--secret-name=web-tls-2f9c41d7aa", "--webhook-secret=webhook-server-cert", --leader-elect`)},
	{"java", env("JAVA_OPTS", `"-Xmx512m -Djavax.net.ssl.trustStore=/etc/pki/java/cacerts -Djavax.net.ssl.trustStorePassword=changeit -Djava.security.egd=file:/dev/./urandom -XX:MaxRAMPercentage=75"`)},
	{"keycloak", env("KEYCLOAK_ADMIN", "admin")},
	{"keys that are none", env("PARTITION_KEY", "order-2024-§HEX10§")},
	{"routing key", env("ROUTING_KEY", "orders.created.v1")},
	{"public key", env("STRIPE_PUBLIC_KEY", "pk_test_abcdef")},
	{"monkey", env("MONKEY", "chaos-4f2a")},
	{"author", env("AUTHOR", "Jean Dupont 2024")},
	{"bypass", env("BYPASS", "10.0.0.0/8")},
	{"proxy", env("HTTPS_PROXY", "http://proxy.example.test:3128")},
	{"address with a user only", env("GIT_URL", "ssh://git@git.example.test:7999/shop/app.git")},
	{"address with an at sign in its path", env("PKG", "https://cdn.example.test/npm/@scope/pkg@1.2.3/index.js")},
	{"address of sentry", env("SENTRY_DSN", "https://§HEX32§@o1.ingest.sentry.example.test/42")},
	{"docs address", env("DOCS", "https://docs.example.test/token?page=2")},
	{"hostnames", env("TOKEN_ISSUER", "https://issuer-2f9c41d7.example.test")},

	// what looks random and is public
	{"image with digest", "kind: Pod\nspec: {containers: [{name: app, image: 'registry.example.test/app@sha256:§HEX64§'}], initContainers: [{name: i, image: 'registry.example.test/i:1.0@sha256:§HEX64§'}]}\n"},
	{"checksum annotation", "kind: Deployment\napiVersion: apps/v1\nspec: {template: {metadata: {annotations: {checksum/config: §HEX64§, checksum/secret: §HEX64§, rollme: a1B2c}, labels: {pod-template-hash: 6d4cf56db6, controller-revision-hash: web-7c9f8b6d5f}}}}\n"},
	{"hash of a secret by an operator", "kind: Pod\nmetadata: {annotations: {operator.openshift.io/dep-openshift-oauth-apiserver.etcd-client.secret: 8cEV_A==, operator.openshift.io/spec-hash: §HEX64§}}\n"},
	{"identifiers", "kind: Pod\nmetadata: {uid: §UUID§, resourceVersion: '123456', ownerReferences: [{uid: §UUID§, name: web-7c9f8b6d5f}]}\n"},
	{"commit", env("GIT_COMMIT", "§HEX40§")},
	{"uuid", env("TENANT_ID", "§UUID§")},
	{"client id", env("CLIENT_ID", "§UUID§")},
	{"integrity", object("{script: {src: 'https://cdn.example.test/a.js', integrity: '§SRI§'}}")},
	{"ssh public key", object("{sshKey: '§SSHPUB§', authorizedKeys: ['§SSHPUB§']}")},
	{"known hosts", configMap("known_hosts", "git.example.test §SSHPUB§")},
	{"certificate", configMap("ca.crt", "§CERT§")},
	{"certificate in base64", configMap("ca.b64", "§CERTB64§")},
	{"certificate in base64 twice", configMap("ca.b64", "§CERT2§")},
	{"certificate in DER", env("CA", "§CERTDER§")},
	{"certificate under a noun", env("CLIENT_SECRET_CA", "§CERTB64§")},
	{"public key under a noun", env("JWT_SECRET", "§PUBB64§")},
	{"public key", configMap("jwt.pub", "§PUB§")},
	{"public key in DER", env("JWT_PUBLIC_KEY", "§PUBDER§")},
	{"webhook", "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nwebhooks: [{name: a.example.test, clientConfig: {caBundle: §CERTB64§, service: {name: a, namespace: b}}}]\n"},
	{"route with certificates", "apiVersion: route.openshift.io/v1\nkind: Route\nspec:\n  tls:\n    caCertificate: |\n      §CERT§\n    certificate: |\n      §CERT§\n"},
	{"kubeconfig without secret", configMap("kubeconfig", "clusters:\n- cluster:\n    certificate-authority-data: §CERTB64§\nusers:\n- user:\n    exec: {command: oc, args: [token]}")},
	{"public json web keys", env("JWKS", `'{"keys":[{"kty":"EC","crv":"P-256","kid":"§HEX32§","x":"§JWKD§","y":"§JWKD§","x5c":["§CERTDER§"]}]}'`)},
	{"key in documentation", configMap("README.md", "Put the key there:\n-----BEGIN "+"PRIVATE KEY-----\n...\n-----END "+"PRIVATE KEY-----")},
	{"password hash", env("ADMIN_PASSWORD_HASH", "§BCRYPT§")},
	{"password hash under the noun", env("ADMIN_PASSWORD", "§BCRYPT§")},
	{"htpasswd", configMap("htpasswd", "admin:§BCRYPT§")},
	{"large data", "apiVersion: v1\nkind: ConfigMap\nbinaryData: {logo.png: §BIG§}\n"},

	// files
	{"nginx", configMap("nginx.conf", "server {\n  listen 8080;\n  ssl_certificate /etc/tls/tls.crt;\n  ssl_certificate_key /etc/tls/tls.key;\n  location / {\n    proxy_pass http://web:8080;\n    proxy_set_header Authorization $http_authorization;\n    proxy_set_header X-Token \"$upstream_token\";\n    auth_basic \"Restricted\";\n    auth_basic_user_file /etc/nginx/htpasswd;\n  }\n}")},
	{"grafana dashboard", configMap("dashboard.json", `{"title":"Tokens","uid":"a1B2c3D4e","panels":[{"title":"Password resets","targets":[{"expr":"sum(rate(auth_token_total{token_type=\"access\"}[5m])) by (token_type)","legendFormat":"{{token}}","refId":"A"}],"datasource":{"uid":"P1809F7CD0C75ACF3"}}],"templating":{"list":[{"name":"secret","query":"label_values(kube_secret_info, secret)","value":"db-credentials"}]},"schemaVersion":39}`)},
	{"prometheus rule", "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec: {groups: [{name: a, rules: [{alert: TokenExpired, expr: 'token_expiry_seconds{secret=\"db-credentials\"} < 3600', annotations: {description: 'The token: {{ $labels.token }} of secret=db expires', summary: 'Password: change it before Friday'}}]}]}\n"},
	{"translations", configMap("messages.json", `{"password":"Password","login.password":"Mot de passe","forgot_password":"Forgot your password?","token":"Token","secret":"Secret"}`)},
	{"translations, properties", configMap("messages_fr.properties", "login.password=Mot de passe\nlogin.token=Jeton\nerror.password=Le mot de passe doit avoir 12 caracteres")},
	{"schema", configMap("schema.json", `{"properties":{"password":{"type":"string","format":"password"},"token":{"type":"string","description":"The API token: see docs"}},"required":["password"]}`)},
	{"python without literals", configMap("app.py", "password = os.environ['DB_PASSWORD']\ntoken = get_token(user)\nsecret = settings.SECRET\nconnect(password=password, token=self.token)\nAPI_KEY = None")},
	{"javascript without literals", configMap("app.js", "const token = req.headers.authorization;\nconst secret = process.env.SECRET;\nlet password = '';\nlogin({ password, token: token });")},
	{"shell without literals", configMap("run.sh", "#!/bin/sh\nset -eu\nPASSWORD=$(cat /run/secrets/password)\nTOKEN=${TOKEN:?missing}\nif [ -z \"$TOKEN\" ]; then echo \"no token: set TOKEN\"; fi\ncurl -H \"Authorization: Bearer $TOKEN\" https://api.example.test")},
	{"defaults in comments", configMap("redis.conf", "# requirepass foobared\n# masterauth <master-password>\nport 6379\n# The password: must be long\nprotected-mode yes")},
	{"properties of settings", configMap("app.properties", "password.encoder=bcrypt\ntoken.ttl=3600\nauth.type=oauth2\nsecret.name=db-credentials\npassword=${DB_PASSWORD}\ntoken.uri=https://login.example.test/token\nsecurity.password.min-length=12\nkey.serializer=org.apache.kafka.common.serialization.StringSerializer\nssl.truststore.password=${TRUST}")},
	{"yaml of settings", configMap("app.yaml", "auth:\n  type: ldap\n  bindPasswordFile: /run/secrets/ldap\n  tokenEndpoint: https://login.example.test\nsecretName: web-tls-2f9c41d7aa\nsecretKeyRef:\n  name: db\n  key: password\npassword: !vault |\n  abc\napiKey:\ntoken: null\nsecret: \"\"")},
	{"log format", configMap("log4j2.xml", "<PatternLayout pattern=\"%d{ISO8601} [%t] %-5level %logger{36} - %msg%n\"/>\n<Logger name=\"org.example.PasswordEncoder\" level=\"info\"/>\n<token>${env:TOKEN}</token>")},
	{"haproxy", configMap("haproxy.cfg", "listen stats\n  stats auth $STATS_USER:$STATS_PASSWORD\n  bind *:8443 ssl crt /etc/tls/tls.pem")},
	{"pg_hba", configMap("pg_hba.conf", "host all all 10.0.0.0/8 scram-sha-256\nlocal all all md5\nhost replication repl 0.0.0.0/0 password")},
	{"coredns", configMap("Corefile", ".:53 {\n  errors\n  health { lameduck 5s }\n  kubernetes cluster.local in-addr.arpa ip6.arpa { pods insecure }\n  forward . /etc/resolv.conf\n}")},
	{"lua", configMap("init.lua", "local token = ngx.var.http_authorization\nlocal secret = os.getenv(\"SECRET\")\nif token == nil then return end")},
	{"ids of a dashboard", configMap("ids.json", `{"id":"§UUID§","revision":"§HEX40§","etag":"§HEX32§","sha256":"§HEX64§"}`)},

	// the rest of Kubernetes
	{"role", "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nrules: [{apiGroups: [''], resources: [secrets, serviceaccounts/token], resourceNames: [db-token-x8f2k], verbs: [get]}]\n"},
	{"cron", "apiVersion: batch/v1\nkind: CronJob\nspec: {schedule: '0 3 * * *', timeZone: Europe/Paris, concurrencyPolicy: Forbid}\n"},
	{"selectors", "apiVersion: v1\nkind: Service\nspec: {selector: {app.kubernetes.io/name: token-service, app: secret-rotator, pod-template-hash: 6d4cf56db6}}\n"},
	{"custom resource definition", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {names: {kind: Token, plural: tokens}, versions: [{schema: {openAPIV3Schema: {properties: {password: {type: string, default: changeme, description: 'password: the literal'}}}}}]}\n"},
	{"managed fields", "kind: Pod\nmetadata: {managedFields: [{manager: kubectl, fieldsV1: {'f:password': {}, value: §PW§}}]}\nstatus: {token: §PW§}\n"},
	{"last applied without secret", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"Deployment\",\"spec\":{\"template\":{\"spec\":{\"automountServiceAccountToken\":false,\"containers\":[{\"env\":[{\"name\":\"DB_PASSWORD\",\"valueFrom\":{\"secretKeyRef\":{\"name\":\"db\",\"key\":\"password\"}}}]}]}}}}\n"},
	{"last applied sealed secret", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"SealedSecret\",\"spec\":{\"encryptedData\":{\"password\":\"§SEALED§\"}}}\n"},
	{"last applied secret of placeholders", "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"data\":{\"ca.crt\":\"§CERTB64§\",\"x\":\"\"},\"stringData\":{\"password\":\"${DB_PASSWORD}\",\"token\":\"<token>\"}}\n"},
	{"oauth", "apiVersion: config.openshift.io/v1\nkind: OAuth\nspec: {tokenConfig: {accessTokenMaxAgeSeconds: 86400}, identityProviders: [{name: ldap, openID: {clientID: shop, clientSecret: {name: oidc-secret}}, ldap: {bindPassword: {name: ldap-bind}}}]}\n"},
	{"service monitor", "apiVersion: monitoring.coreos.com/v1\nkind: ServiceMonitor\nspec: {endpoints: [{bearerTokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token, bearerTokenSecret: {key: token, name: web}, tlsConfig: {keySecret: {key: tls.key, name: web-tls}}}]}\n"},
	{"toleration", "kind: Pod\nspec: {tolerations: [{key: token, operator: Equal, value: reserved-2f9c41d7}], priorityClassName: high}\n"},
	{"values", "auth: {enabled: true, existingSecret: my-db-secret, secretKeys: {adminPasswordKey: postgres-password, userPasswordKey: password}, password: ''}\nimage: {tag: 1.2.3, pullSecrets: [registry-2f9c41d7aa]}\ntls: {secretName: web-tls}\nserviceAccount: {automountServiceAccountToken: false}\n"},
	{"image stream", "apiVersion: image.openshift.io/v1\nkind: ImageStream\nspec: {tags: [{name: latest, from: {kind: DockerImage, name: 'registry.example.test/a@sha256:§HEX64§'}}]}\n"},
	{"model's tokens", object("{stopToken: '<|endoftext|>', padToken: '[PAD]', maxTokens: 4096, tokenizer: bert-base-uncased-v2}")},
}

func TestNegatives(t *testing.T) {
	if len(negatives) < 80 {
		t.Fatalf("%d negatives", len(negatives))
	}
	s := New(Options{})
	for _, c := range negatives {
		t.Run(c.name, func(t *testing.T) {
			if got, found := scan(t, s, c.manifest); len(got) > 0 {
				t.Errorf("got %q at %v", got, found[0].Path)
			}
		})
	}
}
