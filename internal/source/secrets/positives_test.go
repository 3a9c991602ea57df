package secrets

import (
	"slices"
	"strings"
	"testing"
)

type positive struct {
	name     string
	manifest string
	want     []string // place part rule
}

// env is a Pod with one variable.
func env(name, value string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: app\n    image: registry.example.test/app:1.0\n    env:\n    - name: " + name + "\n      value: " + value + "\n"
}

// args is a Pod with a command and arguments, as flow lists.
func args(command, args string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: app\n    command: [" + command + "]\n    args: [" + args + "]\n"
}

// script is a Pod that runs a shell script.
func script(lines string) string {
	return "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: app\n    command:\n    - sh\n    - -c\n    - |\n      " + strings.ReplaceAll(lines, "\n", "\n      ") + "\n"
}

// configMap is a ConfigMap with one file.
func configMap(file, content string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  " + file + ": |\n    " + strings.ReplaceAll(content, "\n", "\n    ") + "\n"
}

var positives = []positive{
	// variables
	{"password", env("DB_PASSWORD", "§PW§"), []string{"env DB_PASSWORD key-name"}},
	{"word as password", env("POSTGRES_PASSWORD", "§WORD§"), []string{"env POSTGRES_PASSWORD known-default"}},
	{"changeme", env("ADMIN_PASSWORD", "changeme"), []string{"env ADMIN_PASSWORD known-default"}},
	{"CHANGE_ME", env("ADMIN_PASSWORD", "CHANGE_ME"), []string{"env ADMIN_PASSWORD known-default"}},
	{"digits in quotes", env("MYSQL_ROOT_PASSWORD", `"123456"`), []string{"env MYSQL_ROOT_PASSWORD known-default"}},
	{"passphrase of words", env("GPG_PASSPHRASE", "correct horse battery staple"), []string{"env GPG_PASSPHRASE key-name"}},
	{"camel case", env("dbPassword", "§PW§"), []string{"env dbPassword key-name"}},
	{"dotted", env("spring.datasource.password", "§PW§"), []string{"env spring.datasource.password key-name"}},
	{"glued", env("MYSQLPASSWORD", "§PW§"), []string{"env MYSQLPASSWORD key-name"}},
	{"short noun", env("SMTP_PASS", "§PW§"), []string{"env SMTP_PASS key-name"}},
	{"with environment after it", env("DB_PASSWORD_PROD", "§PW§"), []string{"env DB_PASSWORD_PROD key-name"}},
	{"unknown word after it", env("DB_PASSWORD_BILLING", "§PW§"), []string{"env DB_PASSWORD_BILLING key-name"}},
	{"french", env("MOT_DE_PASSE", "§PW§"), []string{"env MOT_DE_PASSE key-name"}},
	{"french, short", env("BDD_MDP", "§PW§"), []string{"env BDD_MDP key-name"}},
	{"french key", env("CLE_API", "§HEX32§"), []string{"env CLE_API key-name"}},
	{"french token", env("JETON_ACCES_JETON", "§PW2§"), []string{"env JETON_ACCES_JETON key-name"}},
	{"token", env("AUTH_TOKEN", "§PW2§"), []string{"env AUTH_TOKEN key-name"}},
	{"uuid as key", env("API_KEY", "§UUID§"), []string{"env API_KEY key-name"}},
	{"hex as key", env("ENCRYPTION_KEY", "§HEX64§"), []string{"env ENCRYPTION_KEY key-name"}},
	{"glued key", env("APIKEY", "§HEX32§"), []string{"env APIKEY key-name"}},
	{"client secret", env("OIDC_CLIENT_SECRET", "§UUID§"), []string{"env OIDC_CLIENT_SECRET key-name"}},
	{"jwt secret of words", env("JWT_SECRET", "my-super-secret-key"), []string{"env JWT_SECRET key-name"}},
	{"aws secret", env("AWS_SECRET_ACCESS_KEY", "§AWS§"), []string{"env AWS_SECRET_ACCESS_KEY key-name"}},
	{"aws id", env("AWS_ACCESS_KEY_ID", "§AKIA§"), []string{"env AWS_ACCESS_KEY_ID aws-access-token"}},
	{"issuer known", env("GITHUB_TOKEN", "§GHP§"), []string{"env GITHUB_TOKEN github-pat"}},
	{"issuer known, name silent", env("GH", "§GHP§"), []string{"env GH github-pat"}},
	{"gitlab", env("CI", "§GLPAT§"), []string{"env CI gitlab-pat"}},
	{"slack", env("BOT", "§SLACK§"), []string{"env BOT slack-bot-token"}},
	{"stripe", env("PAY", "§STRIPE§"), []string{"env PAY stripe-access-token"}},
	{"npm", env("NPM", "§NPM§"), []string{"env NPM npm-access-token"}},
	{"google", env("MAPS", "§GOOGLE§"), []string{"env MAPS gcp-api-key"}},
	{"sendgrid", env("MAIL", "§SENDGRID§"), []string{"env MAIL sendgrid-api-token"}},
	{"age", env("SOPS", "§AGE§"), []string{"env SOPS age-secret-key"}},
	{"openshift token", env("OC", "§OPENSHIFT§"), []string{"env OC openshift-user-token"}},
	{"jwt", env("SESSION", "§JWT§"), []string{"env SESSION jwt"}},
	{"vague key, random value", env("ALGO_KEY", "§HEX32§"), []string{"env ALGO_KEY generic-api-key"}},
	{"address with login", env("DATABASE_URL", "postgres://shop:§PW§@db.example.test:5432/shop"), []string{"env DATABASE_URL url-password"}},
	{"address with empty user", env("REDIS_URL", "redis://:§PW§@redis:6379/0"), []string{"env REDIS_URL url-password"}},
	{"address, several hosts", env("MONGO", "mongodb://shop:§PW§@a.example.test,b.example.test/shop?replicaSet=rs0"), []string{"env MONGO url-password"}},
	{"address with token", env("REPO", "https://§PW2§ab@git.example.test/shop.git"), []string{"env REPO url-password"}},
	{"go driver", env("DSN", "shop:§PW§@tcp(db:3306)/shop"), []string{"env DSN url-password"}},
	{"jdbc", env("JDBC_URL", `"jdbc:mysql://db/shop?user=shop&password=§PW§"`), []string{"env JDBC_URL key-name"}},
	{"oracle", env("JDBC_URL", "jdbc:oracle:thin:shop/§PW§@db:1521:shop"), []string{"env JDBC_URL url-password"}},
	{"ado", env("CONN", `"Server=db;Database=shop;User Id=shop;Password=§PW§;"`), []string{"env CONN key-name"}},
	{"libpq", env("PG", `"host=db user=shop password=§PW§ dbname=shop"`), []string{"env PG key-name"}},
	{"azure storage", env("AZURE_STORAGE_CONNECTION_STRING", `"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey=§AZURE§;EndpointSuffix=core.example.test"`), []string{"env AZURE_STORAGE_CONNECTION_STRING key-name"}},
	{"signed address", env("BLOB", `"https://shop.blob.example.test/c?sv=2022-11-02&se=2040-01-01&sp=r&sig=§SAS§"`), []string{"env BLOB sas-token"}},
	{"java options", env("JAVA_OPTS", `"-Xmx1g -Ddb.user=shop -Ddb.password=§PW§"`), []string{"env JAVA_OPTS key-name"}},
	{"slack hook", env("ALERTS", "§HOOK§"), []string{"env ALERTS slack-webhook-url"}},
	{"discord hook", env("ALERTS", "§DISCORD§"), []string{"env ALERTS webhook-url"}},
	{"hook by name", env("MATTERMOST_WEBHOOK_URL", "§MATTER§"), []string{"env MATTERMOST_WEBHOOK_URL webhook-url"}},
	{"neo4j", env("NEO4J_AUTH", "neo4j/§PW§"), []string{"env NEO4J_AUTH basic-auth"}},
	{"login", env("BASIC_AUTH", "admin:§PW§"), []string{"env BASIC_AUTH basic-auth"}},
	{"login in base64", env("REGISTRY_AUTH", "§BASIC§"), []string{"env REGISTRY_AUTH basic-auth"}},
	{"docker configuration", env("DOCKER_CONFIG_JSON", "'§DOCKER§'"), []string{"env DOCKER_CONFIG_JSON basic-auth"}},
	{"private key on one line", env("TLS", `"§KEYLINE§"`), []string{"env TLS private-key"}},
	{"private key in base64", env("TLS_KEY", "§KEYB64§"), []string{"env TLS_KEY private-key"}},
	{"private key in base64 twice", env("K", "§KEYTWICE§"), []string{"env K private-key"}},
	{"private key in DER", env("K", "§KEYDER§"), []string{"env K private-key"}},
	{"configuration in base64", env("CONF", "§CONFB64§"), []string{"env CONF key-name"}},
	{"signs", env("VAULT_PASSWORD", `"tr!cky & l0ng"`), []string{"env VAULT_PASSWORD key-name"}},
	{"json web key", env("JWK", `'{"kty":"EC","crv":"P-256","x":"abc","y":"def","d":"§JWKD§"}'`), []string{"env JWK private-key"}},
	{"twice the same name", "kind: Pod\nspec:\n  containers:\n  - env:\n    - {name: DB_PASSWORD, value: §PW§}\n    - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}\n    name: app\n", []string{"env DB_PASSWORD key-name"}},
	{"value before name", "kind: Pod\nspec:\n  initContainers:\n  - env:\n    - {value: §PW§, name: DB_PASSWORD}\n    name: init\n", []string{"env DB_PASSWORD key-name"}},

	// wherever containers stand
	{"cron job", "apiVersion: batch/v1\nkind: CronJob\nspec:\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          containers: [{name: a, env: [{name: TOKEN, value: §PW2§}]}]\n", []string{"env TOKEN key-name"}},
	{"ephemeral container", "kind: Pod\nspec:\n  ephemeralContainers: [{name: debug, env: [{name: PASSWORD, value: §PW§}]}]\n", []string{"env PASSWORD key-name"}},
	{"knative", "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {template: {spec: {containers: [{env: [{name: API_TOKEN, value: §PW2§}]}]}}}\n", []string{"env API_TOKEN key-name"}},
	{"rollout", "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: a, env: [{name: PASSWD, value: §PW§}]}]}}}\n", []string{"env PASSWD key-name"}},
	{"build", "apiVersion: build.openshift.io/v1\nkind: BuildConfig\nspec: {strategy: {dockerStrategy: {env: [{name: NPM_TOKEN, value: §PW2§}]}}}\n", []string{"env NPM_TOKEN key-name"}},
	{"build trigger", "apiVersion: build.openshift.io/v1\nkind: BuildConfig\nspec: {triggers: [{type: GitHub, github: {secret: §PW§}}]}\n", []string{"custom secret key-name"}},
	{"custom resource with variables", "apiVersion: example.test/v1\nkind: Thing\nspec: {runner: {extraEnvVars: [{name: DB_PASSWORD, value: §PW§}]}}\n", []string{"env DB_PASSWORD key-name"}},
	{"variables as a map", "apiVersion: example.test/v1\nkind: Thing\nspec: {env: {DB_PASSWORD: §PW§}}\n", []string{"env DB_PASSWORD key-name"}},
	{"template object", "apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- kind: DeploymentConfig\n  apiVersion: apps.openshift.io/v1\n  spec: {template: {spec: {containers: [{name: a, env: [{name: DB_PASSWORD, value: §PW§}]}]}}}\n", []string{"env DB_PASSWORD key-name"}},
	{"template parameter", "apiVersion: template.openshift.io/v1\nkind: Template\nparameters:\n- {name: DB_PASSWORD, value: §PW§}\n- {name: DB_USER, value: shop}\n", []string{"custom DB_PASSWORD key-name"}},
	{"secret in a template", "apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- {apiVersion: v1, kind: Secret, data: {x: §PWB64§}}\n", []string{"custom x secret-data"}},
	{"config map in a template", "apiVersion: template.openshift.io/v1\nkind: Template\nobjects:\n- {apiVersion: v1, data: {db.password: §PW§}, kind: ConfigMap}\n", []string{"configmap db.password key-name"}},

	// arguments
	{"option", args("app", `"--db-password=§PW§"`), []string{"args app key-name"}},
	{"option and value apart", args("app", `--db-password, "§PW§"`), []string{"args app key-name"}},
	{"short option of mysql", args("mysqldump", `-u, root, "-p§PW§", shop`), []string{"args app command-line"}},
	{"option of redis", args("redis-server", `--requirepass, "§PW§"`), []string{"args app key-name"}},
	{"literal of kubectl", args("kubectl", `create, secret, generic, db, "--from-literal=password=§PW§"`), []string{"args app key-name"}},
	{"value of helm", args("helm", `upgrade, shop, --set, "db.user=a,db.password=§PW§"`), []string{"args app key-name"}},
	{"login of curl", args("curl", `-u, "shop:§PW§", "https://api.example.test"`), []string{"args app basic-auth"}},
	{"header of curl", args("curl", `-H, "Authorization: Bearer §PW2§x1", "https://api.example.test"`), []string{"args app bearer-token"}},
	{"command", "kind: Pod\nspec: {containers: [{name: app, command: [app, --token, §PW2§]}]}\n", []string{"command app key-name"}},
	{"variable before a command", script("PGPASSWORD=§PW§ psql -h db shop"), []string{"command app key-name"}},
	{"export", script("export X_TOKEN=§PW2§\nexec app"), []string{"command app key-name"}},
	{"curl in a script", script("set -e\ncurl -s -u shop:§PW§ https://api.example.test/health"), []string{"command app basic-auth"}},
	{"mysql in a script", script("mysql -uroot -p§PW§ -e 'select 1'"), []string{"command app command-line"}},
	{"sshpass", script("sshpass -p '§PW§' ssh ops@host"), []string{"command app command-line"}},
	{"login of docker", script("docker login -u shop -p §PW§ registry.example.test"), []string{"command app command-line"}},
	{"redis in a script", script("redis-cli -a §PW§ ping"), []string{"command app command-line"}},
	{"sql in a script", script(`psql -c "ALTER USER shop WITH PASSWORD '§PW§'"`), []string{"command app sql-password"}},
	{"chpasswd", script("echo 'root:§PW§' | chpasswd"), []string{"command app command-line"}},
	{"tekton", "apiVersion: tekton.dev/v1\nkind: Task\nspec:\n  steps:\n  - name: push\n    script: |\n      #!/bin/sh\n      export GIT_TOKEN=§PW2§\n", []string{"command push key-name"}},
	{"probe header", "kind: Pod\nspec: {containers: [{name: app, livenessProbe: {httpGet: {httpHeaders: [{name: Authorization, value: Basic §BASIC§}]}}}]}\n", []string{"probe-header Authorization basic-auth"}},
	{"probe header of another name", "kind: Pod\nspec: {containers: [{name: app, readinessProbe: {httpGet: {httpHeaders: [{name: X-Api-Key, value: §HEX32§}]}}}]}\n", []string{"probe-header X-Api-Key key-name"}},
	{"probe command", "kind: Pod\nspec: {containers: [{name: app, livenessProbe: {exec: {command: [redis-cli, -a, §PW§, ping]}}}]}\n", []string{"command app command-line"}},

	// ConfigMaps
	{"value", configMap("db.password", "§PW§"), []string{"configmap db.password key-name"}},
	{"properties", configMap("application.properties", "spring.datasource.url=jdbc:postgresql://db/shop\nspring.datasource.password=§PW§"), []string{"configmap application.properties key-name"}},
	{"dotenv", configMap(".env", "# settings\nDB_USER=shop\nDB_PASSWORD=\"§PW§\"\nLOG=info"), []string{"configmap .env key-name"}},
	{"ini", configMap("app.ini", "[database]\nuser = shop\npassword = §PW§"), []string{"configmap app.ini key-name"}},
	{"toml", configMap("app.toml", "[auth]\nclient_secret = \"§UUID§\""), []string{"configmap app.toml key-name"}},
	{"yaml", configMap("app.yaml", "database:\n  user: shop\n  password: §PW§"), []string{"configmap app.yaml key-name"}},
	{"yaml block", configMap("app.yaml", "database:\n  password: |-\n    §PW§\n  user: shop"), []string{"configmap app.yaml key-name"}},
	{"yaml list of variables", configMap("values.yaml", "env:\n- name: DB_PASSWORD\n  value: §PW§"), []string{"configmap values.yaml key-name"}},
	{"json", configMap("app.json", `{"db": {"user": "shop", "password": "§PW§"}}`), []string{"configmap app.json key-name"}},
	{"json in lines that is none", configMap("app.hjson", "{\n  \"password\": \"§PW§\", // ours\n}"), []string{"configmap app.hjson key-name"}},
	{"xml", configMap("settings.xml", "<server>\n  <id>central</id>\n  <password>§PW§</password>\n</server>"), []string{"configmap settings.xml key-name"}},
	{"xml attribute", configMap("server.xml", `<Resource name="jdbc/shop" username="shop" password="§PW§"/>`), []string{"configmap server.xml key-name"}},
	{"xml name and value", configMap("core-site.xml", "<property>\n  <name>fs.s3a.secret.key</name>\n  <value>§AWS§</value>\n</property>"), []string{"configmap core-site.xml key-name"}},
	{"python", configMap("settings.py", "DATABASES = {'default': {'PASSWORD': '§PW§'}}\nTOKEN = os.environ['TOKEN']"), []string{"configmap settings.py key-name"}},
	{"php", configMap("config.php", "$password = '§PW§';"), []string{"configmap config.php key-name"}},
	{"redis.conf", configMap("redis.conf", "port 6379\nrequirepass §PW§"), []string{"configmap redis.conf key-name"}},
	{"netrc", configMap(".netrc", "machine git.example.test login shop password §PW§"), []string{"configmap .netrc key-name"}},
	{"nginx", configMap("nginx.conf", "location / {\n  proxy_set_header Authorization \"Basic §BASIC§\";\n}"), []string{"configmap nginx.conf basic-auth"}},
	{"sql", configMap("init.sql", "CREATE USER shop IDENTIFIED BY '§PW§';"), []string{"configmap init.sql sql-password"}},
	{"private key", configMap("tls.key", "§KEY§"), []string{"configmap tls.key private-key"}},
	{"certificate and key", configMap("tls.pem", "§CERT§\n§KEY§"), []string{"configmap tls.pem private-key"}},
	{"kubeconfig", configMap("kubeconfig", "users:\n- name: ci\n  user:\n    client-certificate-data: §CERTB64§\n    client-key-data: §KEYB64§"), []string{"configmap kubeconfig private-key"}},
	{"kubeconfig with token", configMap("kubeconfig", "users:\n- name: ci\n  user:\n    token: §JWT§"), []string{"configmap kubeconfig jwt"}},
	{"cloud-init", configMap("userdata", "#cloud-config\nuser: fedora\npassword: §WORD§\nchpasswd: {expire: False}"), []string{"configmap userdata known-default"}},
	{"secret's manifest", configMap("res.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: t\ndata:\n  x: §PWB64§"), []string{"configmap res.yaml secret-data"}},
	{"secret's manifest with text", configMap("res.yaml", "apiVersion: v1\nkind: Secret\nmetadata:\n  name: t\nstringData:\n  token: §PW2§"), []string{"configmap res.yaml key-name"}},
	{"random in a comment", configMap("app.conf", "# password=§PW§\nport=8080"), []string{"configmap app.conf key-name"}},
	{"two in one file", configMap(".env", "A_PASSWORD=§PW§\nB_PASSWORD=§PW2§"), []string{"configmap .env key-name", "configmap .env key-name"}},
	{"binary data", "apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  app.properties: §CONFB64§\n", []string{"configmap app.properties key-name"}},
	{"binary data, private key", "apiVersion: v1\nkind: ConfigMap\nbinaryData:\n  k: §KEYB64§\n", []string{"configmap k private-key"}},
	{"grafana", configMap("datasources.yaml", "datasources:\n- name: db\n  secureJsonData:\n    password: §PW§"), []string{"configmap datasources.yaml key-name"}},
	{"prometheus", configMap("prometheus.yml", "scrape_configs:\n- basic_auth:\n    username: shop\n    password: §PW§"), []string{"configmap prometheus.yml key-name"}},
	{"alertmanager", configMap("alertmanager.yml", "receivers:\n- slack_configs:\n  - api_url: §HOOK§"), []string{"configmap alertmanager.yml slack-webhook-url"}},

	// annotations and labels
	{"last applied secret", "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nspec:\n  encryptedData: {password: §SEALED§}\n  template:\n    metadata:\n      annotations:\n        kubectl.kubernetes.io/last-applied-configuration: |\n          {\"apiVersion\":\"v1\",\"kind\":\"Secret\",\"stringData\":{\"password\":\"§PW§\"}}\n", []string{"last-applied kubectl.kubernetes.io/last-applied-configuration key-name"}},
	{"last applied secret in base64", "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"x\":\"§PWB64§\",\"y\":\"\"},\"kind\":\"Secret\"}\n", []string{"last-applied kubectl.kubernetes.io/last-applied-configuration secret-data"}},
	{"last applied variable", "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"Deployment\",\"spec\":{\"template\":{\"spec\":{\"containers\":[{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"§PW§\"}]}]}}}}\n", []string{"last-applied kubectl.kubernetes.io/last-applied-configuration key-name"}},
	{"last applied, zipped", "apiVersion: v1\nkind: Secret\nmetadata:\n  annotations:\n    objectset.rio.cattle.io/applied: §GZIP§\n", []string{"last-applied objectset.rio.cattle.io/applied key-name"}},
	{"annotation by name", "kind: Service\napiVersion: v1\nmetadata:\n  annotations:\n    example.test/db-password: §PW§\n", []string{"annotation example.test/db-password key-name"}},
	{"annotation with snippet", "kind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/configuration-snippet: |\n      proxy_set_header Authorization \"Basic §BASIC§\";\n", []string{"annotation nginx.ingress.kubernetes.io/configuration-snippet basic-auth"}},
	{"annotation of a pod template", "kind: Deployment\napiVersion: apps/v1\nspec: {template: {metadata: {annotations: {example.test/token: §GHP§}}}}\n", []string{"annotation example.test/token github-pat"}},
	{"label", "kind: Service\napiVersion: v1\nmetadata:\n  labels:\n    token: §PW2§\n", []string{"label token key-name"}},

	// custom resources
	{"custom password", "apiVersion: example.test/v1\nkind: Thing\nspec: {database: {user: shop, password: §PW§}}\n", []string{"custom password key-name"}},
	{"number", "apiVersion: example.test/v1\nkind: Thing\nspec: {database: {password: 84739201}}\n", []string{"custom password key-name"}},
	{"route with key", "apiVersion: route.openshift.io/v1\nkind: Route\nspec:\n  tls:\n    termination: edge\n    certificate: |\n      §CERT§\n    key: |\n      §KEY§\n", []string{"custom key private-key"}},
	{"literal in an external secret's template", "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  target: {template: {data: {password: §PW§, user: '{{ .user }}'}}}\n  data: [{secretKey: token, remoteRef: {key: shop/token}}]\n", []string{"custom password key-name"}},
	{"argo application", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {helm: {parameters: [{name: postgres.password, value: §PW§}]}}}\n", []string{"helm-values spec.source.helm.parameters.postgres.password key-name"}},
	{"argo application, values", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec:\n  source:\n    helm:\n      values: |\n        postgres:\n          password: §PW§\n", []string{"helm-values spec.source.helm.values key-name"}},
	{"flux release", "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec: {values: {auth: {password: §PW§}}}\n", []string{"helm-values spec.values.auth.password key-name"}},
	{"virtual machine", "apiVersion: kubevirt.io/v1\nkind: VirtualMachine\nspec:\n  template:\n    spec:\n      volumes:\n      - cloudInitNoCloud:\n          userData: |\n            #cloud-config\n            password: §WORD§\n", []string{"custom userData known-default"}},
	{"kustomization", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nsecretGenerator:\n- name: db\n  literals: [\"password=§PW§\"]\n", []string{"custom literals key-name"}},
	{"external name with login", "apiVersion: example.test/v1\nkind: Repo\nspec: {url: 'https://bot:§PW§@git.example.test/a.git'}\n", []string{"custom url url-password"}},

	// values of Helm
	{"values", "auth: {existingSecret: '', password: §PW§}\n", []string{"helm-values auth.password key-name"}},
	{"values, list", "extraEnv:\n- name: API_TOKEN\n  value: §PW2§\n", []string{"helm-values extraEnv.API_TOKEN key-name"}},
	{"values, map of secrets", "secrets: {password: §WORD§, client_secret: §UUID§}\n", []string{"helm-values secrets.password known-default", "helm-values secrets.client_secret key-name"}},
	{"values, number", "postgresql: {postgresqlPassword: 12345678}\n", []string{"helm-values postgresql.postgresqlPassword known-default"}},
	{"values, minio", "rootUser: admin\nsecretKey: minio123\n", []string{"helm-values secretKey known-default"}},
}

func TestPositives(t *testing.T) {
	if len(positives) < 60 {
		t.Fatalf("%d positives", len(positives))
	}
	s := New(Options{})
	for _, c := range positives {
		t.Run(c.name, func(t *testing.T) {
			got, found := scan(t, s, c.manifest)
			slices.Sort(got)
			want := slices.Clone(c.want)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("got  %q\nwant %q", got, want)
			}
			for _, f := range found {
				if strings.Contains(c.manifest, "containers: [{name: app") && f.Container != "app" {
					t.Errorf("container %q", f.Container)
				}
			}
		})
	}
}
