"""The bare route that the shop is compared with: Flask, the same server, nothing else."""

from flask import Flask, Response, jsonify, request

app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def bare() -> Response:
    """Take a body, say yes."""
    request.get_data()
    return jsonify(success=True)
