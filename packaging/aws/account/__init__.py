"""A deployment in an account: the templates of packaging/aws, by the AWS CLI."""
