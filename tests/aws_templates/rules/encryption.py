"""Encryption at rest and on the way."""

from rules.registry import rule
from templates import items, properties, references, resources, text, values

# ---- encryption ----


@rule
def tables_are_encrypted(templates):
    for place, table in properties(templates, "AWS::DynamoDB::Table"):
        if table.get("SSESpecification", {}).get("SSEEnabled") is not True:
            yield f"{place}: a table without encryption by a key of KMS"


@rule
def buckets_are_encrypted(templates):
    for place, bucket in properties(templates, "AWS::S3::Bucket"):
        if "BucketEncryption" not in bucket:
            yield f"{place}: a bucket without encryption"


@rule
def cache_is_encrypted(templates):
    for place, cache in properties(templates, "AWS::ElastiCache::ReplicationGroup"):
        for name in ("TransitEncryptionEnabled", "AtRestEncryptionEnabled"):
            if cache.get(name) is not True:
                yield f"{place}: a cache without {name}"
        if cache.get("TransitEncryptionMode") != "required":
            yield f"{place}: a cache that takes clients without TLS"


@rule
def cache_asks_for_a_password(templates):
    for place, cache in properties(templates, "AWS::ElastiCache::ReplicationGroup"):
        if not text(cache.get("AuthToken")).startswith("{{resolve:secretsmanager:"):
            yield f"{place}: a cache without a password from a secret"


@rule
def images_and_alarms_are_encrypted(templates):
    for place, repository in properties(templates, "AWS::ECR::Repository"):
        if "EncryptionConfiguration" not in repository:
            yield f"{place}: images without encryption"
    for place, topic in properties(templates, "AWS::SNS::Topic"):
        if "KmsMasterKeyId" not in topic:
            yield f"{place}: a topic without encryption"
    for place, key in properties(templates, "AWS::KMS::Key"):
        if key.get("EnableKeyRotation") is not True:
            yield f"{place}: a key that is never changed"


# ---- TLS ----


@rule
def page_is_by_https_only(templates):
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        config = distribution["DistributionConfig"]
        behaviors = [config["DefaultCacheBehavior"]]
        behaviors += items(config.get("CacheBehaviors", []))
        for behavior in behaviors:
            if behavior["ViewerProtocolPolicy"] not in (
                "redirect-to-https",
                "https-only",
            ):
                yield f"{place}: plain HTTP for viewers"
        for certificate in values(config["ViewerCertificate"]):
            least = certificate.get("MinimumProtocolVersion", "")
            if "AcmCertificateArn" in certificate and least < "TLSv1.2_2021":
                yield f"{place}: viewers with an old TLS"


@rule
def origins_are_by_tls(templates):
    for place, distribution in properties(templates, "AWS::CloudFront::Distribution"):
        for origin in items(distribution["DistributionConfig"]["Origins"]):
            custom = origin.get("CustomOriginConfig")
            if custom and custom["OriginProtocolPolicy"] != "https-only":
                yield f"{place}: an origin in plain HTTP"
            if custom and custom["OriginSSLProtocols"] != ["TLSv1.2"]:
                yield f"{place}: an origin with an old TLS"


@rule
def balancer_speaks_tls_with_its_certificate(templates):
    """The inner balancer; the one before it passes the bytes on as they are."""
    for place, listener in properties(
        templates, "AWS::ElasticLoadBalancingV2::Listener"
    ):
        if "TCP" in values(listener["Protocol"]):
            continue
        if "HTTPS" not in values(listener["Protocol"]):
            yield f"{place}: no TLS even with a certificate"
        policies = [p for p in values(listener["SslPolicy"]) if isinstance(p, str)]
        if not policies or not all("TLS13-1-2" in policy for policy in policies):
            yield f"{place}: an old TLS"


@rule
def domain_has_tls_1_2(templates):
    for place, domain in properties(templates, "AWS::ApiGatewayV2::DomainName"):
        for configuration in domain["DomainNameConfigurations"]:
            if configuration.get("SecurityPolicy") != "TLS_1_2":
                yield f"{place}: an old TLS"


@rule
def buckets_refuse_plain_http(templates):
    refusing = set()
    for place, policy in properties(templates, "AWS::S3::BucketPolicy"):
        file = place.split(":")[0]
        for statement in policy["PolicyDocument"]["Statement"]:
            secure = statement.get("Condition", {}).get("Bool", {})
            if statement["Effect"] == "Deny" and secure == {
                "aws:SecureTransport": "false"
            }:
                refusing |= {f"{file}:{name}" for name in references(policy["Bucket"])}
    for place, _ in resources(templates, "AWS::S3::Bucket"):
        if place not in refusing:
            yield f"{place}: a bucket that answers plain HTTP"
